"""Attempts: claimed, begun just before the network is touched, recorded once, reconciled when nobody knows."""
