"""The outcome feed: what other case systems are told, and what their receiver answers."""
