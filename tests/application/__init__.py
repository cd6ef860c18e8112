"""Tests of the use cases and of what reads their input."""
