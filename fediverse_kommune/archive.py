"""What an actor takes along, packed as FEP-6fcd has it: a tar file that is made while it is sent.

Only posts wait in a file without a name, because a tar file says the size of each of its parts beforehand; films and
pictures go out as they lie in the storage.

https://codeberg.org/fediverse/fep/src/branch/main/fep/6fcd/fep-6fcd.md
"""

import asyncio
import json
import tarfile
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, Any

from activitypub.strict_json import write
from fediverse_kommune.server import Server
from fediverse_kommune.services import export
from fediverse_kommune.services.export import Batch

PIECE = 262_144  # bytes that are sent at once
FEP = "https://codeberg.org/fediverse/fep/src/branch/main/fep/6fcd/fep-6fcd.md#manifest-file"
MOVING = "https://docs.joinmastodon.org/user/moving/#export"
PAGES = {
    "actor.json": "https://www.w3.org/TR/activitypub/#actor-objects",
    "outbox.json": "https://www.w3.org/TR/activitystreams-core/#collections",
}
ATTACHMENTS = "https://www.w3.org/TR/activitystreams-vocabulary/#dfn-attachment"


async def pack(server: Server, actor_id: int, outbox_uri: str) -> AsyncIterator[bytes]:
    """Return the tar file of all that an actor has, piece by piece."""
    now = server.clock().timestamp()
    found = await server.db.read(export.belongings, actor_id, server.instance)
    names = [*found.files, "outbox.json"]
    yield _part("manifest.yml", _manifest(server, found.files["actor.json"], names, found.media), now)
    for name, content in found.files.items():
        yield _part(f"activitypub/{name}", content, now)
    with tempfile.TemporaryFile() as outbox:
        await _write_outbox(server, actor_id, outbox_uri, outbox)
        async for piece in _file("activitypub/outbox.json", outbox, now):
            yield piece
    for key in found.media:
        path = await asyncio.to_thread(server.studio.store.find, key)
        if path is None:
            continue
        with await asyncio.to_thread(Path.open, path, "rb") as file:
            async for piece in _file(f"activitypub/attachments/{key}", file, now):
                yield piece
    yield bytes(2 * tarfile.BLOCKSIZE)


async def _write_outbox(server: Server, actor_id: int, uri: str, file: IO[bytes]) -> None:
    """Write the collection of all that an actor wrote and passed on, some posts at a time."""

    async def written(after: int) -> Batch:
        return await server.db.read(export.written, actor_id, after, server.instance)

    async def passed_on(after: int) -> Batch:
        return await server.db.read(export.passed_on, actor_id, after)

    context = write(export.CONTEXT)
    file.write(b'{"@context":' + context + b',"id":' + write(uri) + b',"type":"OrderedCollection","orderedItems":[')
    total = 0
    for read in (written, passed_on):
        async for item in _each(read):
            file.write((b"," if total else b"") + write(item))
            total += 1
    file.write(b'],"totalItems":%d}' % total)


async def _each(read: Callable[[int], Awaitable[Batch]]) -> AsyncIterator[Mapping[str, Any]]:
    after: int | None = 0
    while after is not None:
        batch = await read(after)
        for item in batch.items:
            yield item
        after = batch.last


async def _file(name: str, file: IO[bytes], now: float) -> AsyncIterator[bytes]:
    size = file.seek(0, 2)
    file.seek(0)
    yield _head(name, size, now)
    left = size
    while left and (piece := await asyncio.to_thread(file.read, min(PIECE, left))):
        left -= len(piece)
        yield piece
    yield bytes(left + -size % tarfile.BLOCKSIZE)  # a file that became shorter meanwhile is filled up


def _part(name: str, content: bytes, now: float) -> bytes:
    return _head(name, len(content), now) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _head(name: str, size: int, now: float) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(now), 0o644
    return info.tobuf(tarfile.PAX_FORMAT)


def _manifest(server: Server, actor: bytes, names: list[str], media: Any) -> bytes:
    """Return the list of what is in the file. JSON is YAML, too (YAML 1.2)."""
    files = {name: {"url": PAGES.get(name, MOVING)} for name in names}
    attachments = {"attachments": {"url": ATTACHMENTS, "contents": {key: {"url": ATTACHMENTS} for key in media}}}
    manifest = {
        "ubc-version": 0.1,
        "meta": {
            "created": server.clock().date().isoformat(),
            "createdBy": {
                "controller": json.loads(actor)["id"],
                "client": {"name": "fediverse_kommune", "url": server.instance.origin},
            },
        },
        "contents": {
            "manifest.yml": {"url": FEP},
            "activitypub": {"contents": files | (attachments if media else {})},
        },
    }
    return json.dumps(manifest, indent=2, ensure_ascii=False).encode()
