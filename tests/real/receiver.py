"""A system that is told of changes: a real HTTP server, which checks each call with the Standard Webhooks library."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.real.ports import free_port

Answers = Callable[[str], int | None]
"""The status for a webhook-id; None: it hangs and never answers."""


class Receiver:
    """Takes calls on a loopback port. `told`: what it took, by webhook-id; `forged`: how many do not verify."""

    def __init__(self) -> None:
        self.secret = ""
        self.answers: Answers = lambda _: 204
        self.told: dict[str, Any] = {}
        self.calls: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.forged = 0
        self.port = free_port()
        self.ends = asyncio.Event()
        self.until: Callable[[], bool] = lambda: False
        """Asked while a call hangs: when it hangs no more."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told"

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.headers.append(dict(request.headers))
        try:
            Webhook(self.secret).verify(body, {name.lower(): value for name, value in request.headers.items()})
        except WebhookVerificationError:
            self.forged += 1
            return web.Response(status=401)
        told = request.headers["webhook-id"]
        self.calls.append(told)
        status = self.answers(told)
        while status is None and not self.ends.is_set() and not self.until():
            await asyncio.sleep(0.01)
        if status is not None and status < 300:
            self.told[told] = json.loads(body)
        return web.Response(status=status or 500, headers={"location": "/elsewhere"} if status == 302 else {})


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs while the block does."""
    receiver, loop = Receiver(), asyncio.new_event_loop()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", receiver.port).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(receiver.ends.set)
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
