"""The steps of the work as loops over the database; the distributed engine runs the same calls."""
