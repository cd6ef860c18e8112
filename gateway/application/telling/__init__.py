"""Telling others what stands: calls to staff's systems, mails to staff."""
