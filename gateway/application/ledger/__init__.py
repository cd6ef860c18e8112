"""The ledger's checkpoints, their time stamps, and whether it holds."""
