"""I01: a block holds for the domain and all below it, however either is spelt, in memory and in the database alike."""

from itertools import product

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from activitypub.domain_blocks import Policy
from activitypub.graph.domains import of_domain
from activitypub.models import Actor, Severity
from activitypub.sanitize import SafeHTML
from fediverse_kommune.services.federation_policy import canonical_domain
from fediverse_kommune.services.refusals import Invalid
from tests.unit.api.rows import INSTANCE, remote_actor
from webfinger.host import canonical_host

SPELLINGS = ("bürger.example", "BÜRGER.Example", "bürger.example.", "xn--brger-kva.example", " XN--BRGER-KVA.example ")
BELOW = ("bürger.example", "a.b.bürger.example", "A.BÜRGER.example", "xn--brger-kva.example:8443", "a.bürger.example.")
BESIDE = ("xbürger.example", "burger.example", "bürger.example.org", "brger-kva.example", "axn--brger-kva.example")


@pytest.fixture(scope="module")
def actors() -> dict[str, Actor]:
    found = {}
    for number, spelt in enumerate((*BELOW, *BESIDE), start=1):
        host = canonical_host(spelt, test_network=":" in spelt)
        uri, handle = f"https://{host}/{number}", f"{number}@{host}"
        found[spelt] = remote_actor(
            id=number, uri=uri, host=host, domain=host, handle=handle, inbox_uri=uri, summary=SafeHTML.stored("")
        )
    return found


def test_memory_and_database_say_the_same_of_every_spelling(actors: dict[str, Actor]) -> None:
    engine = create_engine("sqlite://")
    Actor.__table__.create(engine)  # type: ignore[attr-defined]
    with Session(engine) as session:
        session.add_all(actors.values())
        session.flush()
        for written, spelt in product(SPELLINGS, actors):
            domain = canonical_domain(written, INSTANCE)
            stored = session.scalars(select(Actor.id).where(of_domain(domain))).all()
            kept = Policy({domain: Severity.SUSPEND}).severity(actors[spelt].host)
            assert (kept is Severity.SUSPEND) == (actors[spelt].id in stored) == (spelt in BELOW), (written, spelt)


@pytest.mark.parametrize("written", ["", "*.bürger.example", "bürger.example/x", "a b", "bürger..example", "@"])
def test_what_names_no_domain_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        canonical_domain(written, INSTANCE)


def test_nested_decisions_do_not_depend_on_their_order() -> None:
    """The table of what wins: tests/unit/activitypub/test_domain_blocks_reading.py."""
    blocked = {"example": Severity.SUSPEND, "a.b.example": Severity.SILENCE}
    turned = dict(reversed(blocked.items()))
    hosts = ("example", "b.example", "a.b.example", "x.a.b.example", "c.example")
    for allowed in (frozenset[str](), frozenset({"b.example"})):
        one, other = Policy(blocked, allowed), Policy(turned, allowed)
        assert [one.severity(host) for host in hosts] == [other.severity(host) for host in hosts]
    assert Policy(blocked, frozenset({"b.example"})).severity("x.a.b.example") is Severity.SILENCE
