"""Tests of packages, signatures, trust and sealing."""
