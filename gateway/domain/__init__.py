"""What the gateway is about, as values and pure functions: the standard library only, no I/O, no clock."""
