"""The whole system on one machine, with sample keys, decisions and a local mail server."""
