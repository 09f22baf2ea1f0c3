"""What all work in the background has in common: leases, and the end of every piece of work."""
