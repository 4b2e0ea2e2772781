"""Judge an IP address: may this server connect to it? Pure; `http.py` asks before every connection.

`ipaddress.is_global` is not the judge, because it says yes to `::127.0.0.1`, `64:ff9b::7f00:1`, `224.0.0.1`,
`fec0::1` and others, differently in each Python release. Two tables are: IPv4 is everything minus what IANA
set aside; IPv6 is nothing but the one block from which addresses are given out (2000::/3), minus what IANA
set aside inside of it.

Sources: IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190) and multicast address
spaces. The ways to write an IPv4 address inside an IPv6 one: RFC 4291 (mapped, compatible), RFC 6052 and 8215
(NAT64), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 5214 (ISATAP).
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

IPV6_PREFIX = 64  # what one household gets

# Complete on purpose: the few entries that the registry calls globally reachable (relays, AS112, AMT) are
# infrastructure too, and no ActivityPub server lives there.
_SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers (CGNAT)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata service of every cloud
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, with DS-Lite and NAT64 discovery
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, AMT, AS112, ORCHID, drone identities
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the 6bone, given back
        "3fff::/20",  # documentation
    )
)

_COMPATIBLE = IPv6Network("::/96")
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_ISATAP_MARKS = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_permitted(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether a connection to `address` may be opened: it is public, or inside one of the `allowed` networks.

    An IPv4 address inside an IPv6 one is judged as well, whoever allowed the outer one. So a machine that
    reaches the IPv4 world through NAT64 can allow `64:ff9b::/96` without opening `64:ff9b::127.0.0.1`.
    Addresses with a zone (`fe80::1%eth0`) mean a link of this machine and are never permitted.
    """
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    if not is_public(address) and not any(address in network for network in allowed):
        return False
    return all(is_permitted(inner, allowed) for inner in embedded_addresses(address))


def is_public(address: Address) -> bool:
    """Whether `address` is one that a server on the internet can have (the embedded ones not considered)."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _SPECIAL_IPV6)


def embedded_addresses(address: Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that a gateway may read out of an IPv6 address; most hold none."""
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if _ends_with_ipv4(address):
        yield IPv4Address(int(address) & 0xFFFF_FFFF)


def _ends_with_ipv4(address: IPv6Address) -> bool:
    """Whether the last 32 bits are an IPv4 address: IPv4-compatible, NAT64, or ISATAP under any prefix."""
    if int(address) <= 1:  # `::` and `::1` lie inside ::/96 and mean themselves
        return False
    marked = (int(address) >> 32 & 0xFFFF_FFFF) in _ISATAP_MARKS
    return marked or address in _COMPATIBLE or any(address in network for network in _NAT64)


def household(address: Address) -> str:
    """Return whom an address stands for where somebody is counted: itself, or with IPv6 the network around it."""
    return str(ip_network((address, IPV6_PREFIX), strict=False)) if isinstance(address, IPv6Address) else str(address)
