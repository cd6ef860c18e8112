"""The demonstration left open: the gateway serves over its home, and what a newcomer needs to try it lies at hand."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.demo.clerks import Clerk, hire
from gateway.demo.commands import Command, program
from gateway.demo.decisions import SAMPLES, write_decision
from gateway.demo.mail_server import HOST, Received
from gateway.demo.play import Outcome
from gateway.demo.stage import ACTOR, Stage
from gateway.domain.parties import ChannelName
from gateway.ports.registry import Scope
from gateway.web.server import serve

_CONTENT_TYPE = "application/vnd.etsi.asic-e+zip"
_SEALED = b"application/pkcs7-mime"


@dataclass(frozen=True, kw_only=True)
class OpenHouse:
    """Where the gateway is to be found, its token, and what lies at hand, by its path inside the folder."""

    stage: Stage
    token: str
    package: str
    dispatch: str
    message: str
    reader: str
    clerks: Sequence[Clerk]

    @property
    def console(self) -> str:
        """Where staff work."""
        return f"http://{HOST}:{self.stage.port}/console"

    @property
    def exchange(self) -> str:
        """Where counsel collect."""
        return f"http://{HOST}:{self.stage.port}/exchange"

    @property
    def url(self) -> str:
        """Of the API."""
        return f"http://{HOST}:{self.stage.port}/api/v1"

    def serve(self) -> None:
        """Web and workers until a signal."""
        serve(self.stage.gateway, host=HOST, port=self.stage.port)

    def commands(self) -> Sequence[Command]:
        """What to try, in another terminal, from the folder of the demonstration."""
        counsel = self.stage.counsel
        gateway = f"{program(anywhere=True)} --home home"
        curl = 'curl -sS -H "Authorization: Bearer $TOKEN"'
        body = f"-H 'Content-Type: {_CONTENT_TYPE}' --data-binary @{self.package}"
        return [
            Command(key="open.console", lines=[self.console, *(f"{one.name}  {one.password}" for one in self.clerks)]),
            Command(key="open.devices", lines=[f"{one.name}  {one.device}" for one in self.clerks]),
            Command(key="open.exchange", lines=[self.exchange, f"{counsel.address}  {counsel.code}"]),
            Command(key="open.commands", lines=[f"cd {self.stage.folder}"]),
            Command(key="open.token", lines=[f"TOKEN={self.token}"]),
            Command(key="open.submit", lines=[f"{curl} \\", f"  {body} \\", f"  {self.url}/dispatches"]),
            Command(key="open.status", lines=[f"{curl} \\", f"  {self.url}/dispatches/{self.dispatch}"]),
            Command(key="open.deliveries", lines=[f"{gateway} deliveries"]),
            Command(
                key="open.read",
                lines=[
                    f"openssl cms -decrypt -in {self.message} -inkey {self.reader} -out signed.eml",
                    "openssl cms -verify -in signed.eml -CAfile keys/mail-ca.pem -out opened.eml",
                ],
            ),
        ]


def prepare(stage: Stage, outcome: Outcome) -> OpenHouse:
    """Lays out one more package, the messages as they came, and the key that opens the first."""
    token = stage.gateway.tokens.create(ACTOR, frozenset({Scope.SUBMIT, Scope.READ}), actor=ACTOR)
    messages = _write_messages(stage)
    sealed = next(place for place, one in enumerate(stage.mail.mailbox.messages) if one.content.find(_SEALED) >= 0)
    return OpenHouse(
        stage=stage,
        token=token.secret,
        package=_write_package(stage),
        dispatch=outcome.packages[0].dispatch.id,
        message=messages[sealed],
        reader=_write_reader(stage, stage.mail.mailbox.messages[sealed]),
        clerks=hire(stage.gateway),
    )


def _write_package(stage: Stage) -> str:
    now = dt.datetime.now(dt.UTC)
    written = write_decision(SAMPLES[0], now)
    name = "one-more.asice"
    (stage.folder / name).write_bytes(written.package(stage.signers.of[written.decision.division], now))
    return name


def _write_messages(stage: Stage) -> Sequence[str]:
    (stage.folder / "received").mkdir()
    names = []
    for number, received in enumerate(stage.mail.mailbox.messages, start=1):
        name = f"received/{number}.eml"
        (stage.folder / name).write_bytes(received.content)
        names.append(name)
    return names


def _write_reader(stage: Stage, received: Received) -> str:
    """The private key that opens the message, as its recipient has it."""
    recipient = next(
        entry.id
        for entry in stage.directory.values()
        if (way := entry.channel(ChannelName.ENCRYPTED_EMAIL)) is not None and way.address in received.recipients
    )
    path = stage.folder / f"{recipient}.key"
    path.touch(mode=0o600)
    path.write_bytes(stage.readers[recipient].key_pem)
    return path.name
