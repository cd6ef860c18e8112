"""Suites that every implementation of a port, and every fake, must pass."""
