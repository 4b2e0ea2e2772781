"""A push service and an app behind it: messages arrive over a real socket and are read with the app's own key."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import http_ece
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid01, Vapid02

from fediverse_kommune.push.alphabets import decode, encode


@dataclass(slots=True)
class Subscriber:
    """An app's keys, made on the device."""

    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        return self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def keys(self) -> dict[str, str]:
        return {"p256dh": encode(self.point), "auth": encode(self.auth)}


@dataclass(slots=True)
class Message:
    """One POST to the push service."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def read(self, subscriber: Subscriber) -> dict[str, Any]:
        """Decrypt it as the device does, by what its headers say."""
        encoding = self.headers["Content-Encoding"]
        keys: dict[str, Any] = {"private_key": subscriber.private_key, "auth_secret": subscriber.auth}
        if encoding == "aesgcm":
            keys |= {
                "salt": decode(self._part("Encryption", "salt")),
                "dh": decode(self._part("Crypto-Key", "dh")),
            }
        text: dict[str, Any] = json.loads(http_ece.decrypt(self.body, version=encoding, **keys))
        return text

    def introduces(self, public_key: str) -> dict[str, Any]:
        """Check the signature of who sent it, with the key that the app was told, and return what it claims."""
        scheme, _, words = self.headers["Authorization"].partition(" ")
        if scheme == "vapid":
            assert Vapid02.verify(self.headers["Authorization"])
            token, key = re.fullmatch(r"t=([^,]+),k=(.+)", words).groups()  # type: ignore[union-attr]
        else:
            assert scheme == "WebPush"
            token, key = words, self._part("Crypto-Key", "p256ecdsa")
            assert Vapid01.verify(key, self.headers["Authorization"])
        assert decode(key) == decode(public_key)
        claims: dict[str, Any] = json.loads(decode(token.split(".")[1]))
        return claims

    def _part(self, header: str, name: str) -> str:
        parts = dict(part.strip().split("=", 1) for part in self.headers[header].split(";"))
        return parts[name]


@dataclass(slots=True)
class PushService:
    """Takes messages and answers what it is told to: `answers` one after the other, then 201."""

    host: str = "push.test"
    port: int = 0
    messages: list[Message] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)

    def endpoint(self, name: str = "device") -> str:
        return f"http://{self.host}:{self.port}/push/{name}"

    async def until(self, count: int, *, seconds: float = 20) -> list[Message]:
        """Return all messages once there are `count` of them."""
        async with asyncio.timeout(seconds):
            while len(self.messages) < count:
                self._arrival.clear()
                await self._arrival.wait()
        return self.messages

    async def take(self, request: web.Request) -> web.Response:
        self.messages.append(Message(request.path, request.headers, await request.read()))
        self._arrival.set()
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """A running push service."""
    service = PushService()
    app = web.Application()
    app.router.add_post("/{path:.*}", service.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        await runner.cleanup()
