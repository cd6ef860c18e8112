"""The tests of the whole house, in the order of its rooms."""
