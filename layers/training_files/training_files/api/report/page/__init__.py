"""The quality report as one page that asks nothing of anyone: no script, no font, no picture from elsewhere."""
