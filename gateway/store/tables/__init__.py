"""The tables, each with the indexes that its queries go by."""
