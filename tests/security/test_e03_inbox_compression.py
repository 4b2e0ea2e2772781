"""E03: an inbox does not decompress: what is counted, signed and read are the bytes on the wire."""

import gzip
import json
import zlib

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import letter
from tests.town import Town


async def test_a_compressed_body_is_not_unpacked(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    body = json.dumps(bob.activity("Follow", resident.uri)).encode()
    bomb = gzip.compress(b" " * 50_000_000)
    async with repelled(stadt, nachbar):
        for encoding, packed in (
            ("gzip", gzip.compress(body)),
            ("deflate", zlib.compress(body)),
            ("br", body[::-1]),
            ("gzip, gzip", gzip.compress(gzip.compress(body))),
            ("gzip", bomb),
        ):
            written = letter(stadt, bob, packed)
            written.set("Content-Encoding", encoding)
            assert await written.sign().send(stadt) in (400, 415), encoding
