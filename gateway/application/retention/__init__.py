"""What has been kept long enough goes, by schedule; what remains of it."""
