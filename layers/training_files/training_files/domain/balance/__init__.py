"""How evenly a training file is spread over personas, emotional arcs and training topics."""
