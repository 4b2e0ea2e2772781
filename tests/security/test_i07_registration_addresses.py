"""I07: no spelling of an address gets past the rules about addresses."""

import pytest

from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.models import CanonicalEmailBlock, EmailDomainBlock
from fediverse_kommune.services.accounts import folded_email
from fediverse_kommune.services.admission import Verdict, canonical_hash, judge_email
from fediverse_kommune.services.refusals import Invalid
from tests.town import Town

NO_ADDRESSES = (
    "foo%bar@boese.example",
    '"anna"@boese.example',
    '"anna@gut.example"@boese.example',
    "anna,b@boese.example",
    "anna@gut.example,anna@boese.example",
    "anna@gut.example@boese.example",
    "anna@[192.0.2.1]",
    "anna@192.0.2.1",
    "anna@boese",
    "anna@boese..example",
    "anna@.boese.example",
    "anna@-boese.example",
    "anna boese@boese.example",
    "anna@boese.example\nBcc: alle@stadt.example",
    "anna@boese.example\x00",
    "anna(@gut.example)@boese.example",
    "<anna@boese.example>",
    "Anna <anna@boese.example>",
    "@boese.example",
)
BLOCKED = (
    "anna@boese.example",
    "ANNA@BOESE.EXAMPLE",
    " anna@boese.example ",
    "anna+neu@boese.example",
    "anna@post.boese.example",
    "anna@a.b.boese.example",
    "anna@bürger.example",
    "anna@xn--brger-kva.example",
    "anna@BÜRGER.example",
    "u.w.e+x@gut.example",
    "UWE@gut.example",
    "anna@boese\u3002example",
    "anna@boese.example.",
)


@pytest.mark.parametrize("written", NO_ADDRESSES)
def test_what_several_programs_read_differently_is_no_address(written: str) -> None:
    with pytest.raises(Invalid):
        folded_email(written)


def _block(unit: Unit) -> None:
    for domain in ("boese.example", "xn--brger-kva.example"):
        unit.add(EmailDomainBlock(id=new_id(unit.now), domain=domain, allow_with_approval=False, created_at=unit.now))
    unit.add(
        CanonicalEmailBlock(id=new_id(unit.now), email_hash=canonical_hash("uwe@gut.example"), created_at=unit.now)
    )


async def test_every_spelling_of_a_blocked_address_is_blocked(stadt: Town, subtests: pytest.Subtests) -> None:
    await stadt.write(_block)
    for written in BLOCKED:
        with subtests.test(written):
            assert await stadt.read(judge_email, folded_email(written)) is Verdict.REFUSED
    assert await stadt.read(judge_email, folded_email("anna@gut.example")) is Verdict.OPEN
    assert await stadt.read(judge_email, folded_email("anna@nichtboese.example")) is Verdict.OPEN
