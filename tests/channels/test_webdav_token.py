"""WebDAV with tokens, against a stand-in: Apache gives none."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from channels.http.account import AccountSettings
from channels.webdav.client import session
from channels.webdav.faults import DavError, DavFault


class StandIn:
    """good: the token that counts. spent: how many were given."""

    def __init__(self) -> None:
        self.good = "token-1"
        self.spent = 0
        self.kept: dict[str, bytes] = {}

    async def token(self, _: web.Request) -> web.Response:
        """RFC 6749 §4.4."""
        self.spent += 1
        return web.json_response({"access_token": f"token-{self.spent}", "token_type": "Bearer"})

    async def put(self, request: web.Request) -> web.Response:
        """Takes a file from whoever has the token."""
        if request.headers.get("Authorization") != f"Bearer {self.good}":
            return web.Response(status=401)
        self.kept[request.path] = await request.read()
        return web.Response(status=201)


async def put(stand_in: StandIn, home: Path, *contents: bytes) -> None:
    """One after the other, over one session."""
    app = web.Application()
    app.router.add_post("/token", stand_in.token)
    app.router.add_put("/case/{name}", stand_in.put)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        (home / "secret").touch(0o600)
        (home / "secret").write_text("only-here")
        known = {"token_url": f"{base}/token", "client_id": "tribunal", "secret_file": "secret"}
        settings = AccountSettings.model_validate({"url": f"{base}/case", **known})
        async with session(settings.account(home, "feed.server.webdav")) as client:
            for content in contents:
                await client.put(("batch",), content)
                stand_in.good = "token-2"
    finally:
        await runner.cleanup()


def test_a_token_that_ran_out_is_renewed_once_and_the_file_is_put(tmp_path: Path) -> None:
    stand_in = StandIn()
    asyncio.run(put(stand_in, tmp_path, b"first", b"second"))
    assert (stand_in.kept, stand_in.spent) == ({"/case/batch": b"second"}, 2)


def test_a_server_that_takes_no_token_is_not_asked_for_ever(tmp_path: Path) -> None:
    stand_in = StandIn()
    stand_in.good = "none"
    with pytest.raises(DavError) as error:
        asyncio.run(put(stand_in, tmp_path, b"first"))
    assert (error.value.fault, stand_in.spent, stand_in.kept) == (DavFault.AUTHENTICATION, 1, {})
