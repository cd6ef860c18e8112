"""Cryptographic Message Syntax (RFC 5652): its ASN.1 as declarations, its object identifiers and algorithms."""
