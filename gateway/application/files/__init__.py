"""What the Registry says of a file's parties after a package was signed."""
