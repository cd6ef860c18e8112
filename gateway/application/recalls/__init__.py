"""Recalling a dispatch: what still lies with us leaves no more, and who has it is called."""
