"""B02: what a signature leaves out, or what was changed after it was made, is not the sender's word."""

from hypothesis import strategies as st

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.examples import for_examples
from tests.security.letter import USUALLY_COVERED, Letter, letter
from tests.town import Town

REQUIRED = ("(request-target)", "host", "date", "digest")


async def test_no_required_component_may_be_left_out(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    few = [[name for name in USUALLY_COVERED if name != missing] for missing in REQUIRED]

    async with repelled(stadt, nachbar):
        for covered in [*few, ["date"], ["(request-target)"], ["content-type"], ["(created)"]]:
            written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign(covered)
            assert await written.send(stadt) in (400, 401), covered
        for covered_text in ("", " ", "date  host", "(request-target) host date digest date"):
            written = letter(stadt, bob, bob.activity("Follow", resident.uri)).sign()
            written.parameters["headers"] = covered_text
            written.write_signature()
            assert await written.send(stadt) in (400, 401), covered_text


async def test_a_covered_header_must_be_there(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    async with repelled(stadt, nachbar):
        for missing in ("x-more", "date", "digest", "(expires)", "(created)"):
            covered = [*USUALLY_COVERED, missing] if missing not in USUALLY_COVERED else USUALLY_COVERED
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            if missing in USUALLY_COVERED:
                written.drop(missing)
            assert await written.sign(covered).send(stadt) in (400, 401), missing


async def test_other_components_replace_the_date(stadt: Town, nachbar: Remote) -> None:
    """hs2019 covers (created) instead: a newer habit that is as good."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    written = letter(stadt, bob, bob.activity("Follow", resident.uri))
    created = str(int(stadt.app.server.clock().timestamp()))
    covered = ["(request-target)", "host", "(created)", "digest"]
    assert await written.sign(covered, algorithm="hs2019", created=created).send(stadt) == 202


PLACES = ("method", "target", "body", "Host", "Date", "Digest", "Content-Type", "keyId", "headers", "signature")
CHARACTERS = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\')
MUTATIONS = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from(["replace", "delete", "insert", "double", "cut"]),
    st.integers(min_value=0, max_value=4095),
    CHARACTERS,
)
Mutation = tuple[str, str, int, str]


def mutated(text: str, kind: str, position: int, character: str) -> str:
    """Change a text at one place."""
    at = position % max(1, len(text))
    match kind:
        case "replace":
            return text[:at] + character + text[at + 1 :]
        case "delete":
            return text[:at] + text[at + 1 :]
        case "insert":
            return text[:at] + character + text[at:]
        case "double":
            return f"{text}, {text}"
        case _:
            return text[:at]


def mutate(written: Letter, mutation: Mutation) -> bool:
    """Change one place of a signed letter; False if it says the same as before."""
    place, *how = mutation
    before = (written.raw(), dict(written.parameters))
    if place in ("method", "target"):
        changed = mutated(getattr(written, place), *how)
        setattr(written, place, changed or "X")
    elif place == "body":
        written.body = mutated(written.body.decode(), *how).encode()
    elif place in written.parameters:
        written.parameters[place] = mutated(written.parameters[place], *how)
        written.write_signature()
        # Names of headers are read in any case.
        if written.parameters["headers"].lower() == before[1]["headers"] and place == "headers":
            return False
    else:
        value = mutated(written.value(place), *how)
        if value.strip() == written.value(place) or (place == "Host" and value.lower() == written.value(place)):
            return False
        written.set(place, value)
    return (written.raw(), written.parameters) != before


async def test_nothing_that_is_covered_may_change(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    follow = bob.activity("Follow", resident.uri)

    async def refused(mutation: Mutation) -> None:
        written = letter(stadt, bob, follow).sign()
        if mutate(written, mutation):
            status = await written.send(stadt)
            assert 400 <= status < 500, f"{mutation} was answered {status}"

    async with repelled(stadt, nachbar):
        await for_examples(MUTATIONS, refused, count=400)
