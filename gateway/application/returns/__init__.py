"""What comes back: kept as it came, read, tied to its delivery, shown to a person where it must be."""
