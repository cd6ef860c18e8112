"""Packages coming in: verified, read, admitted, accepted by a signed receipt."""
