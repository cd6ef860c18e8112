"""Exchanges by tus for tests, and a stand-in that behaves as a test asks: the real server (`tests/real/tus.py`) checks
no checksums, gives no tokens, and never fails on demand."""

import asyncio
import base64
import datetime as dt
import hashlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web

from channels.secure_upload.by_tus import TusExchanges
from channels.secure_upload.channel import SecureUpload
from channels.tus.settings import TusPlace, TusSettings
from gateway.domain.parties import ExchangeKind, RecipientChannel
from tests.channels.exchange import FakeExchange
from tests.channels.sftp_samples import UploadsInMemory
from tests.channels.uploads import FolderThatFails, connect, upload_settings

ACCOUNT = "counsel-tus"
WAY = RecipientChannel(type="secure-upload", account=ACCOUNT, exchange=ExchangeKind.TUS)
SECRET = "only-here"


def place(home: Path, url: str, token_url: str | None = None, **changes: object) -> TusPlace:
    """An account that is known by a token, changed as said."""
    secret = home / "tus-secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    known = {"token_url": token_url or url, "client_id": "tribunal", "secret_file": "tus-secret", "scope": "upload"}
    return TusSettings.model_validate({"url": url, **known, **changes}).place(home, "tus.sample")


def channel(
    at: TusPlace, uploads: UploadsInMemory, time_limit: str = "20s", max_message: str = "100MB"
) -> SecureUpload:
    """The channel with one account of others."""
    settings = upload_settings(time_limit=time_limit, max_message=max_message)
    exchanges = {ExchangeKind.TUS: TusExchanges({ACCOUNT: at}, uploads, settings.time_limit)}
    return SecureUpload(settings, FakeExchange(), connect(FolderThatFails()), exchanges, uploads)


@dataclass
class StandIn:
    """algorithm: by which it checks. fails: the status it answers a request of that method with, the first so many
    times. hangs: after it took the last part. spoils: how many parts it is to find garbled. elsewhere: where it says
    that new uploads are. lives: for how many seconds it keeps those of that name unfinished, by a clock that is `ahead`
    of ours. repeated: what is before it brings the last part twice, and it has put the whole away by then."""

    algorithm: str = "sha256"
    fails: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    hangs: bool = False
    spoils: int = 0
    elsewhere: str = ""
    lives: Mapping[str, int] = field(default_factory=dict)
    ahead: dt.timedelta = dt.timedelta()
    repeated: bool = False
    token_status: int = 200
    tls: ssl.SSLContext | None = None

    tokens: int = 0
    valid: str = ""
    uploads: dict[str, bytearray] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """The metadata of each upload that began."""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _failed: dict[str, int] = field(default_factory=dict)

    async def token(self, request: web.Request) -> web.Response:
        """RFC 6749 §4.4."""
        known = base64.b64encode(f"tribunal:{SECRET}".encode()).decode()
        fields = await request.post()
        good = request.headers.get("Authorization") == f"Basic {known}" and dict(fields) == {
            "grant_type": "client_credentials",
            "scope": "upload",
        }
        if self.token_status != web.HTTPOk.status_code or not good:
            return web.json_response({"error": "invalid_client"}, status=max(self.token_status, 401))
        self.tokens += 1
        self.valid = f"token-{self.tokens}"
        return web.json_response({"access_token": self.valid, "token_type": "Bearer"})

    async def answer(self, request: web.Request) -> web.Response:
        """tus 1.0."""
        self.asked.append(request.method)
        body = await request.read()
        status, times = self.fails.get(request.method, (0, 0))
        self._failed[request.method] = self._failed.get(request.method, 0) + 1
        if self._failed[request.method] <= times:
            return web.Response(status=status, text="as the test asks")
        if not self.tls and request.headers.get("Authorization") != f"Bearer {self.valid}":
            return web.Response(status=401)
        if request.method == "OPTIONS":
            offered = {"Tus-Extension": "creation,checksum,expiration", "Tus-Checksum-Algorithm": self.algorithm}
            return web.Response(status=204, headers={"Tus-Version": "1.0.0,0.2.2", **offered})
        if request.method == "POST":
            name = f"u{len(self.uploads)}"
            self.told.append(request.headers["Upload-Metadata"])
            self.uploads[name], self.lengths[name] = bytearray(), int(request.headers["Upload-Length"])
            location = {"Location": self.elsewhere or f"/files/{name}"}
            return web.Response(status=201, headers=location | self._ends(name))
        return await self._of_upload(request, body)

    async def _of_upload(self, request: web.Request, body: bytes) -> web.Response:
        name = request.path.rpartition("/")[2]
        if name not in self.uploads:
            return web.Response(status=410)
        held, length = self.uploads[name], self.lengths[name]
        if request.method == "PATCH":
            algorithm, _, digest = request.headers["Upload-Checksum"].partition(" ")
            if algorithm != self.algorithm or hashlib.new(algorithm, body).digest() != base64.b64decode(digest):
                return web.Response(status=460)
            if self.spoils:
                self.spoils -= 1
                return web.Response(status=460)
            if int(request.headers["Upload-Offset"]) != len(held):
                return web.Response(status=409)
            held += body
            if len(held) == length:
                self.taken.set()
                if self.hangs:
                    await self.over.wait()
                if self.repeated:
                    return web.Response(status=410)
        lies = {"Upload-Offset": str(len(held)), "Upload-Length": str(length)}
        return web.Response(status=204, headers=lies | self._ends(name))

    def _ends(self, name: str) -> dict[str, str]:
        """When it will be kept no more."""
        if name not in self.lives:
            return {}
        now = dt.datetime.now(dt.UTC) + self.ahead
        ends = now + dt.timedelta(seconds=self.lives[name])
        return {"Date": format_datetime(now, usegmt=True), "Upload-Expires": format_datetime(ends, usegmt=True)}


@asynccontextmanager
async def standing_in(stand_in: StandIn, home: Path, **changes: object) -> AsyncIterator[TusPlace]:
    """The stand-in while the block runs, on a port of its own."""
    app = web.Application(client_max_size=200_000_000)
    app.router.add_post("/token", stand_in.token)
    app.router.add_route("*", "/files", stand_in.answer)
    app.router.add_route("*", "/files/{name}", stand_in.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=stand_in.tls)
        await site.start()
        port = runner.addresses[0][1]
        scheme = "https" if stand_in.tls else "http"
        base = f"{scheme}://{'localhost' if stand_in.tls else '127.0.0.1'}:{port}"
        if stand_in.tls:
            yield TusSettings.model_validate({"url": f"{base}/files", **changes}).place(home, "tus.sample")
        else:
            yield place(home, f"{base}/files", f"{base}/token", **changes)
    finally:
        stand_in.over.set()
        await runner.cleanup()
