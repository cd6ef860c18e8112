"""The recipient directory: where entries are reached, by which keys, and on whose word that changed."""
