"""Who gets what by which channel, why, and by when."""
