"""Requests to the application without a network: whole ones, and bodies that come as a test hands them out."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from fastapi import FastAPI

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Caller:
    """Somebody who calls the application, each request on an event loop of its own; for any thread."""

    def __init__(self, app: FastAPI, secret: str | None = None) -> None:
        self.app = app
        self._headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def request(self, method: str, address: str, **details: Any) -> httpx.Response:
        """The answer; what the application raises becomes the answer it gives."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
                return await client.request(method, address, **self._with(details))

        return asyncio.run(ask())

    def get(self, address: str, **details: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", address, **details)

    def post(self, address: str, **details: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", address, **details)

    def post_in_parts(self, address: str, receive: Receive) -> tuple[int, dict[str, Any]]:
        """Status and document of a POST whose body comes from `receive`, as a server hands it to an application."""
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def ask() -> None:
            await self.app(_scope(address, self._headers), receive, send)

        asyncio.run(ask())
        document: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in sent[1:]))
        return sent[0]["status"], document

    def _with(self, details: dict[str, Any]) -> dict[str, Any]:
        return details | {"headers": {**self._headers, **details.get("headers", {})}}


def _scope(address: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
