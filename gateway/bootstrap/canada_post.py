"""Joins Canada Post's own services, where an account is set up."""

from channels.canada_post.settings import CanadaPostPlace, Sender, context_of, read_password
from gateway.bootstrap.base import Base
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong


def canada_post_place(base: Base) -> CanadaPostPlace | None:
    """Whom to speak to, and as whom; None: no account. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    settings = base.settings.canada_post
    if not settings.url:
        return None
    for name, value in (
        ("customer", settings.customer),
        ("username", settings.username),
        ("password_file", settings.password_file),
    ):
        if not value:
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"canada_post.{name}")
    return CanadaPostPlace(
        url=settings.url,
        customer=settings.customer,
        on_behalf_of=settings.on_behalf_of or settings.customer,
        contract=settings.contract,
        username=settings.username,
        password=read_password(base.home / settings.password_file, "canada_post.password_file"),
        senders={office: Sender(**one.model_dump()) for office, one in settings.senders.items()},
        tls=context_of(base.home / settings.ca if settings.ca else None, "canada_post.ca"),
    )
