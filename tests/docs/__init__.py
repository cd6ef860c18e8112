"""Documentation that is generated, and its tests."""
