"""Tests of the papers and the message catalogues."""
