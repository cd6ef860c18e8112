"""The reference of a message of ours, and the token in it by which what comes back is tied to its delivery."""


def token_of(reference: str) -> str:
    """What is left of the `@` in a Message-ID (RFC 5322 §3.6.4); another carrier's reference is its own token.

    In lower case: mail systems give it back in whatever case they like.
    """
    return reference.strip("<>").partition("@")[0].lower()
