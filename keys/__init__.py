"""Package signatures, CMS, S/MIME, trust and revocation, sealing at rest, and the gateway's own keys."""
