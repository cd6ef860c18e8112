"""The exchange: identity checks, what is left, signing in, collecting, and mails that say no more than they must."""
