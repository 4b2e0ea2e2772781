"""The judge of addresses, alone. The addresses of row D02 go through the whole egress in tests/security."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.addresses import embedded_addresses, is_permitted, is_public

PRIVATE = IPv4Address("127.0.0.1")
PUBLIC = IPv4Address("93.184.216.34")


def inside(prefix: str, shift: int, address: IPv4Address) -> IPv6Address:
    """Write an IPv4 address into an IPv6 one, `shift` bits from its end."""
    return IPv6Address(int(IPv6Address(prefix)) | int(address) << shift)


def teredo(server: IPv4Address, client: IPv4Address) -> IPv6Address:
    return IPv6Address(int(inside("2001::", 64, server)) | (int(client) ^ 0xFFFF_FFFF))


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "9.255.255.255",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:470:1f0b::1",
        "2003:c0::1",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a01:4f8::1",
        "3ffd:ffff::1",
    ],
)
def test_ordinary_servers_are_permitted(text: str) -> None:
    assert is_permitted(ip_address(text))


@pytest.mark.parametrize(
    ("form", "address"),
    [
        ("mapped", inside("::ffff:0:0", 0, PRIVATE)),
        ("compatible", inside("::", 0, PRIVATE)),
        ("NAT64", inside("64:ff9b::", 0, PRIVATE)),
        ("local NAT64", inside("64:ff9b:1::", 0, PRIVATE)),
        ("6to4", inside("2002::", 80, PRIVATE)),
        ("Teredo client", teredo(PUBLIC, PRIVATE)),
        ("Teredo server", teredo(PRIVATE, PUBLIC)),
        ("ISATAP", inside("2a01:4f8::5efe:0:0", 0, PRIVATE)),
        ("ISATAP, global", inside("2a01:4f8::200:5efe:0:0", 0, PRIVATE)),
    ],
)
def test_an_embedded_address_is_judged_even_where_everything_around_it_is_allowed(
    form: str, address: IPv6Address
) -> None:
    assert PRIVATE in embedded_addresses(address), form
    assert not is_permitted(address, [ip_network("::/0")])
    assert is_permitted(address, [ip_network("::/0"), ip_network("127.0.0.0/8")])


def test_nat64_can_be_allowed_for_public_addresses() -> None:
    through_gateway = inside("64:ff9b::", 0, PUBLIC)
    assert not is_permitted(through_gateway)
    assert is_permitted(through_gateway, [ip_network("64:ff9b::/96")])


def test_isatap_of_a_public_address_is_an_ordinary_address() -> None:
    assert is_permitted(inside("2a01:4f8::5efe:0:0", 0, PUBLIC))


def test_allowed_networks_open_themselves_and_nothing_else() -> None:
    allowed = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
    assert is_permitted(ip_address("127.8.8.8"), allowed)
    assert is_permitted(ip_address("::1"), allowed)
    assert not is_permitted(ip_address("10.0.0.1"), allowed)
    assert not is_permitted(ip_address("::2"), allowed)
    assert not is_permitted(ip_address("::ffff:127.0.0.1"), allowed)


def test_a_zone_is_never_permitted() -> None:
    assert not is_permitted(ip_address("fe80::1%eth0"), [ip_network("::/0")])
    assert not is_permitted(ip_address("2a01:4f8::1%1"))


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_that_the_standard_library_calls_special(address: IPv4Address) -> None:
    special = address.is_private or address.is_multicast or address.is_reserved or not address.is_global
    assert not (is_public(address) and special)


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_global_unicast_is_public(address: IPv6Address) -> None:
    assert not is_public(address) or int(address) >> 125 == 0b001


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "::", "64:ff9b::"]))
def test_no_ipv4_address_gets_out_in_an_ipv6_coat(address: IPv4Address, prefix: str) -> None:
    assert not is_permitted(inside(prefix, 0, address))
