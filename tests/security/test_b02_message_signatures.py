"""B02 for RFC 9421: what a signature leaves out, or what was changed after it was made, is nobody's word."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.examples import for_examples
from tests.security.letter import COVERED_BY_MESSAGES, a_follow, letter
from tests.town import Town


async def test_b02_every_sufficient_coverage_is_believed(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    expires = int((datetime.now(UTC) + timedelta(minutes=1)).timestamp())
    for covered, parameters in (
        (COVERED_BY_MESSAGES, {}),
        (COVERED_BY_MESSAGES, {"alg": "rsa-v1_5-sha256"}),
        (
            (*COVERED_BY_MESSAGES, "host", "date", "content-type"),
            {"expires": expires, "nonce": "x", "tag": "fediverse"},
        ),
        (("@method", "@authority", "@path", "content-digest"), {}),
        (("content-digest", "@request-target", "host", "@method"), {}),
    ):
        written = a_follow(stadt, bob, resident.uri).sign_message(covered, **parameters)
        assert await written.send(stadt) == 202, covered


async def test_b02_no_required_component_may_be_left_out(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    few = [[name for name in COVERED_BY_MESSAGES if name != missing] for missing in COVERED_BY_MESSAGES]
    strange = [["@method", "@path", "content-digest"], ["@method", "@authority", "content-digest"], ["date"], []]
    unknown = [[*COVERED_BY_MESSAGES, name] for name in ("@status", "@signature-params", "x-more", "@method", "Host")]
    async with repelled(stadt, nachbar):
        for covered in [*few, *strange, *unknown]:
            written = a_follow(stadt, bob, resident.uri).sign_message(covered)
            assert await written.send(stadt) in (400, 401), covered
        written = a_follow(stadt, bob, resident.uri)
        written.target = "/inbox?more=1"
        assert await written.sign_message(["@method", "@authority", "@path", "content-digest"]).send(stadt) == 401
        for missing in ("created", "keyid"):
            written = a_follow(stadt, bob, resident.uri).sign_message(**{missing: None})
            assert await written.send(stadt) in (400, 401), missing


PLACES = ("method", "target", "body", "Host", "Content-Digest", "Signature-Input", "Signature")
MUTATIONS = st.tuples(
    st.sampled_from(PLACES),
    st.integers(min_value=0, max_value=4_095),
    st.characters(min_codepoint=0x21, max_codepoint=0x7E),
)


async def test_b02_nothing_that_is_covered_may_change(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    follow = bob.activity("Follow", resident.uri)

    async def refused(mutation: tuple[str, int, str]) -> None:
        place, position, character = mutation
        written = letter(stadt, bob, follow).sign_message()

        def changed(text: str) -> str:
            at = position % len(text)
            return text[:at] + character + text[at + 1 :]

        if place in ("method", "target"):
            old = getattr(written, place)
            setattr(written, place, changed(old))
        elif place == "body":
            old = written.body.decode()
            written.body = changed(old).encode()
        else:
            old = written.value(place)
            written.set(place, changed(old))
        # A host is the same in any case.
        is_same = changed(old).lower() == old.lower() if place == "Host" else changed(old) == old
        if not is_same:
            status = await written.send(stadt)
            assert 400 <= status < 500, f"{mutation} was answered {status}"

    async with repelled(stadt, nachbar):
        await for_examples(MUTATIONS, refused, count=200)
