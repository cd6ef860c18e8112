"""What staff do in the console, and how they sign in to it."""
