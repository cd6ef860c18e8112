"""Channel adapters: each one way to a recipient. A channel knows no other channel, no database and no web."""
