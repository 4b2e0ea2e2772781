"""How many new servers below one domain we get to know at once (row E12)."""

import pytest
from msgspec.structs import replace

from activitypub.caps import CAPS
from activitypub.fresh_hosts import FreshHosts, registrable_domain

FEW = replace(CAPS, fresh_subdomains=3, fresh_subdomains_seconds=10.0)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.org", "example.org"),
        ("a.example.org", "example.org"),
        ("a.b.example.org:8443", "example.org"),
        ("example.co.uk", "example.co.uk"),
        ("social.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("stadt.or.at", "stadt.or.at"),
        ("stadt.or.example", "or.example"),
        ("localhost", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
    ],
)
def test_whose_domain_it_is(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_only_so_many_new_names_below_one_domain_at_once() -> None:
    hosts = FreshHosts(FEW)
    assert [hosts.admit(f"a{number}.boese.example", 0.0) for number in range(5)] == [True] * 3 + [False] * 2
    assert hosts.admit("a1.boese.example", 1.0), "one that was let in may be asked again"
    assert hosts.admit("boese.example", 1.0), "the domain itself is always let in"
    assert hosts.admit("a.nachbar.example", 1.0), "another domain is not held up"
    assert not hosts.admit("a9.b.boese.example", 9.0), "nor does a longer name help"
    assert hosts.admit("a9.boese.example", 11.0)
