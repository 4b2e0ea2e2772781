"""D02: the ranges that lists forget, and IPv4 addresses inside IPv6 ones. `is_global` permits several."""

from ipaddress import ip_address

import pytest

from activitypub.addresses import is_permitted
from activitypub.http import Refused
from tests.loopback import egress, watched_connections

REFUSED = {
    "0.0.0.0": "this host, which Linux connects to itself",
    "0.1.2.3": "this network",
    "10.255.255.255": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.255": "carrier-grade NAT",
    "127.0.0.1": "loopback",
    "127.1.1.1": "loopback",
    "169.254.0.1": "link-local",
    "172.16.0.1": "private",
    "192.0.0.8": "protocol assignments",
    "192.0.0.170": "NAT64 discovery",
    "192.0.2.1": "documentation",
    "192.31.196.1": "AS112",
    "192.52.193.1": "AMT",
    "192.88.99.1": "6to4 relay",
    "192.168.0.1": "private",
    "192.175.48.1": "AS112",
    "198.18.0.1": "benchmarks",
    "198.19.255.255": "benchmarks",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "IPv4-compatible",
    "::ffff:127.0.0.1": "IPv4-mapped",
    "::ffff:93.184.216.34": "IPv4-mapped, public inside",
    "::ffff:0:127.0.0.1": "IPv4-translated",
    "::5efe:7f00:1": "ISATAP without a prefix",
    "2a01:4f8::5efe:7f00:1": "ISATAP under a public prefix",
    "64:ff9b::7f00:1": "NAT64",
    "64:ff9b:1::7f00:1": "NAT64, local",
    "100::1": "discarded",
    "2001::1": "Teredo",
    "2001:2::1": "benchmarks",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4",
    "2002:5db8:d822::1": "6to4, public inside",
    "3ffe::1": "6bone",
    "3fff::1": "documentation",
    "4000::1": "not given out",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fe80::1": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}


@pytest.mark.parametrize("address", REFUSED)
async def test_refused_by_the_judge_as_a_name_and_as_a_literal(address: str) -> None:
    assert not is_permitted(ip_address(address)), REFUSED[address]
    literal = f"[{address}]" if ":" in address else address
    async with egress(allow=[], known={"inside.example": [address]}) as client:
        with watched_connections() as connections:
            for host in ("inside.example", literal):
                with pytest.raises(Refused):
                    await client.get(f"https://{host}/", accept="*/*")
        assert connections == []
