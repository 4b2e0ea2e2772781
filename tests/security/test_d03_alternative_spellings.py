"""D03: another spelling of a host does not reach what its plain spelling may not reach."""

import pytest

from activitypub.http import Refused
from tests.loopback import egress, watched_connections

SPELLINGS = [
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.1",
    "127.1",
    "127.0.1",
    "0177.0.0.1",
    "127.0.0.1.",
    "127.0.0.01",
    "%31%32%37.0.0.1",
    "\uff11\uff12\uff17.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "ⓛocalhost",
    "local\u00adhost",
    "town.localhost",
    "[::ffff:7f00:1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1%25eth0]",
    "[v1.7f00:1]",
    "user@127.0.0.1",
    "public.example@127.0.0.1",
    "public.example:443@127.0.0.1",
    "@127.0.0.1",
    "public.example\\@127.0.0.1",
    "127.0.0.1\\.public.example",
    "127.0.0.1\t",
    "127.0.0.1\x00.public.example",
    "",
    ":443",
]

# Names that anyone can have in the public DNS and that answer with an address of the asker's own network.
REBOUND = ["127.0.0.1.nip.io", "7f000001.nip.io", "localtest.me", "public.example."]


@pytest.mark.parametrize("allow_http", [False, True])
@pytest.mark.parametrize("host", SPELLINGS)
async def test_refused(host: str, *, allow_http: bool) -> None:
    async with egress(allow=[], allow_http=allow_http) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await client.get(f"https://{host}/", accept="*/*")
        assert connections == []


@pytest.mark.parametrize("host", REBOUND)
async def test_refused_after_the_lookup(host: str) -> None:
    known = {host.removesuffix("."): ["127.0.0.1"]}
    async with egress(allow=[], allow_http=False, known=known) as client:
        with watched_connections() as connections, pytest.raises(Refused):
            await client.get(f"https://{host}/", accept="*/*")
        assert connections == []
