"""Digests as they are written everywhere: `sha256:` and lower-case hex."""

import hashlib


def sha256(content: bytes | memoryview) -> str:
    """The digest of `content` as `sha256:…`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
