"""Papers as fax pages."""
