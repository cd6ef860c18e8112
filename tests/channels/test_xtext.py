"""Text as a parameter of a delivery report request (RFC 3461 §4)."""

from channels.mail.connection import xtext


def test_xtext_hides_what_a_parameter_may_not_hold() -> None:
    assert xtext("a+b=c@x.test") == "a+2Bb+3Dc@x.test"
    assert xtext("a b") == "a+20b"
