"""Settings of one home: `gateway.toml` and `GATEWAY_…` variables, read strictly at start."""
