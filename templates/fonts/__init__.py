"""The fonts that the papers are set in, and how they were made."""
