"""A package that an officer prepares in the console and signs by the gateway's seal."""
