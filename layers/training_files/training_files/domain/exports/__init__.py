"""What a training file becomes for fine-tuning: dialogues, rows, splits, and whether a trainer will take them."""
