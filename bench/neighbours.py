"""The rest of the fediverse, as far as a benchmark needs it: actors with keys, and an inbox that says 202.

Runs as a process of its own (`python -m bench.neighbours PORT COUNT`), so that it takes no time from the server. It
answers on COUNT loopback addresses 127.1.0.1, 127.1.0.2 …: each is one host.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

from activitypub.signatures.keys import generate_rsa_key, load_private_key, private_pem, public_pem

ACTIVITY = "application/activity+json"
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
# One key for all: what a key costs to check does not depend on whose it is.
KEY_FILE = "neighbours.pem"


def host_of(number: int, port: int) -> str:
    """Return the host (with its port) of the n-th neighbour."""
    return f"127.1.{number // 250}.{number % 250 + 1}:{port}"


def make_key(folder: Path) -> str:
    """Make the neighbours' key, keep it in `folder` for their process, and return its PEM."""
    pem = private_pem(generate_rsa_key())
    (folder / KEY_FILE).write_text(pem)
    return pem


def actor_document(origin: str, username: str, public_key: str) -> dict[str, object]:
    """Return the document of a neighbour."""
    uri = f"{origin}/users/{username}"
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": uri,
        "type": "Person",
        "preferredUsername": username,
        "name": username,
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "endpoints": {"sharedInbox": f"{origin}/inbox"},
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": public_key},
    }


class Neighbours(asyncio.Protocol):
    """Answers any number of requests on one connection."""

    def __init__(self, public_key: str) -> None:
        self._public_key = public_key
        self._buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            lines = head.split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            size = end + 4 + int(fields.get("content-length", "0"))
            if len(self._buffer) < size:
                return
            body, self._buffer = self._buffer[end + 4 : size], self._buffer[size:]
            method, target, _ = lines[0].split(" ")
            if method == "POST":
                self.take(fields["host"], target, body)
            else:
                self.transport.write(self.document(fields["host"], target))

    def take(self, host: str, target: str, body: bytes) -> None:
        """Accept whatever comes to an inbox. `target` is the path with its query."""
        self.transport.write(ACCEPTED)

    def document(self, host: str, target: str) -> bytes:
        """Return the whole answer to a GET."""
        origin = f"http://{host}"
        if target.startswith("/.well-known/webfinger"):
            username = (
                target.partition("acct%3A")[2].partition("%40")[0] or target.partition("acct:")[2].partition("@")[0]
            )
            link = {"rel": "self", "type": ACTIVITY, "href": f"{origin}/users/{username}"}
            return found({"subject": f"acct:{username}@{host}", "links": [link]}, "application/jrd+json")
        if target.startswith("/users/"):
            return found(actor_document(origin, target.rpartition("/")[2], self._public_key), ACTIVITY)
        return MISSING


def found(document: dict[str, object], content_type: str) -> bytes:
    """Return the answer that brings a document."""
    body = json.dumps(document).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def main(folder: str, port: str, count: str, answering: Callable[[str], Neighbours] = Neighbours) -> None:
    """Listen until the process is ended. `answering` makes what serves a connection from the public key."""
    public_key = public_pem(load_private_key((Path(folder) / KEY_FILE).read_text()))
    loop = asyncio.get_running_loop()
    hosts = [host_of(number, int(port)).rpartition(":")[0] for number in range(int(count))]
    server = await loop.create_server(lambda: answering(public_key), hosts, int(port), backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    folder, port, count = sys.argv[1:]
    asyncio.run(main(folder, port, count))
