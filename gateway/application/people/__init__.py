"""Accounts, what each may do, and what one proposes and another approves."""
