"""What is kept of each conversation when it enters a training file, and what all of them show together."""
