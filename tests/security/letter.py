"""A signed request in pieces, to be broken on purpose: written by hand and sent as the bytes that it is.

It signs on its own (draft-cavage-http-signatures-12, section 2; RFC 9421, section 2.5) and not with the code under
test, so it can leave out, repeat and contradict whatever it likes.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from activitypub.signatures.keys import PrivateKey
from tests.fediverse import ACTIVITY_TYPE, Person
from tests.town import Town

USUALLY_COVERED = ("(request-target)", "host", "date", "digest", "content-type")
COVERED_BY_MESSAGES = ("@method", "@target-uri", "content-digest")


def sha256(body: bytes) -> str:
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@dataclass(slots=True)
class Letter:
    """One POST to an inbox. `headers` are lines in their order; `parameters` is what Signature will say."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    key: PrivateKey
    key_id: str
    parameters: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: str) -> None:
        """Give a header this one value."""
        self.drop(name)
        self.headers.append((name, value))

    def drop(self, name: str) -> None:
        self.headers = [line for line in self.headers if line[0].lower() != name.lower()]

    def value(self, name: str) -> str:
        return next(value for key, value in self.headers if key.lower() == name.lower())

    def sign(self, covered: Sequence[str] = USUALLY_COVERED, **parameters: str) -> "Letter":
        """Add a Signature over `covered` as the request is now; `parameters` join or replace what it says."""
        said = {"keyId": self.key_id, "algorithm": "rsa-sha256", "headers": " ".join(covered), **parameters}
        lines = [f"{name}: {self._component(name, said)}" for name in covered]
        self.parameters = {**said, "signature": signed(self.key, "\n".join(lines).encode())}
        self.write_signature()
        return self

    def sign_message(self, covered: Sequence[str] = COVERED_BY_MESSAGES, **parameters: int | str | None) -> "Letter":
        """Add Signature-Input and Signature (RFC 9421) over `covered`; of `parameters` None leaves one out."""
        said = {"created": int(datetime.now(UTC).timestamp()), "keyid": self.key_id, **parameters}
        words = [f";{name}={said[name]!r}".replace("'", '"') for name in said if said[name] is not None]
        what = "(" + " ".join(f'"{name}"' for name in covered) + ")" + "".join(words)
        lines = [f'"{name}": {self._message_component(name)}' for name in covered]
        signature = signed(self.key, "\n".join([*lines, f'"@signature-params": {what}']).encode())
        self.set("Signature-Input", f"sig1={what}")
        self.set("Signature", f"sig1=:{signature}:")
        return self

    def write_signature(self) -> None:
        """Put the parameters into the header."""
        self.set("Signature", ",".join(f'{name}="{value}"' for name, value in self.parameters.items()))

    def raw(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + self.body

    async def send(self, stadt: Town) -> int:
        """Send it with its true length and return the status."""
        self.set("Content-Length", str(len(self.body)))
        return await send(stadt, self.raw())

    def _message_component(self, name: str) -> str:
        path, _, query = self.target.partition("?")
        derived = {
            "@method": self.method,
            "@target-uri": f"http://{self.value('Host')}{self.target}",
            "@authority": self.value("Host"),
            "@request-target": self.target,
            "@path": path,
            "@query": f"?{query}",
        }
        return derived.get(name) or ", ".join(value for key, value in self.headers if key.lower() == name)

    def _component(self, name: str, said: Mapping[str, str]) -> str:
        if name == "(request-target)":
            return f"{self.method.lower()} {self.target}"
        if name.startswith("("):
            return said.get(name.strip("()"), "")
        return ", ".join(value for key, value in self.headers if key.lower() == name)


def content_digest(body: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def letter(stadt: Town, sender: Person, activity: Mapping[str, Any] | bytes, *, path: str = "/inbox") -> Letter:
    """Return an honest request, not signed yet."""
    body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
    headers = [
        ("Host", f"{stadt.host}:{stadt.port}"),
        ("Date", http_date(datetime.now(UTC))),
        ("Digest", sha256(body)),
        ("Content-Digest", content_digest(body)),
        ("Content-Type", ACTIVITY_TYPE),
    ]
    return Letter("POST", path, headers, body, sender.key, sender.key_id)


def a_follow(stadt: Town, sender: Person, followed: str) -> Letter:
    """Return a Follow, not signed yet."""
    return letter(stadt, sender, sender.activity("Follow", followed))


def signed(key: PrivateKey, message: bytes) -> str:
    signature = key.sign(message) if isinstance(key, Ed25519PrivateKey) else key.sign(message, PKCS1v15(), SHA256())
    return base64.b64encode(signature).decode()


async def send(stadt: Town, raw: bytes) -> int:
    """Write bytes to the town's socket and return the status of the answer; 0 if it only hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stadt.port)
    try:
        writer.write(raw)
        async with asyncio.timeout(10):
            line = await reader.readline()
            await reader.read()
        return int(line.split()[1]) if line else 0
    finally:
        writer.close()
