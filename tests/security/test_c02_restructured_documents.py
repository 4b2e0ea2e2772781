"""C02: a document that means something else to a JSON-LD processor than to us is refused, wherever it hides it."""

from typing import Any

from tests.fediverse import CONTEXT, Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town

AS = CONTEXT[0]
TRICKS = ("@graph", "@included", "@reverse", "@nest")
SECOND_NAMES: list[dict[str, Any]] = [
    {"@id": "http://nachbar.test/1"},
    {"@type": "Create"},
    {"as:actor": "http://nachbar.test/users/bob"},
    {"as:object": "http://nachbar.test/notes/1"},
    {f"{AS}#actor": "http://nachbar.test/users/bob"},
    {f"{AS}#content": "Falsch"},
]
CONTEXTS: list[Any] = [
    {"actor": "http://example.org/other"},
    {"actor": {"@id": "as:object", "@type": "@id"}},
    {"object": {"@id": "as:object", "@container": "@graph"}},
    {"akteur": {"@id": "as:actor", "@type": "@id"}},
    {"akteur": f"{AS}#actor"},
    {"p": AS, "akteur": "p:#actor"},
    {"p": f"{AS}#", "akteur": "p:actor"},
    {"x": {"@reverse": "as:actor"}},
    {"x": {"@id": "http://example.org/x", "@context": {"actor": "http://example.org/other"}}},
    {"kennung": "@id"},
    {"art": "@type"},
    {"@vocab": "http://example.org/"},
    {"@base": "http://example.org/"},
    {"@import": "http://boese.test/context"},
    {"@propagate": False},
    {"id": "http://example.org/id"},
    {"type": "http://example.org/type"},
    {"publicKey": "http://example.org/key"},
    {"owner": "http://example.org/owner"},
    [[AS]],
    17,
    None,
    [None],
]


def nested(trick: dict[str, Any], depth: int) -> dict[str, Any]:
    for _ in range(depth):
        trick = {"type": "Note", "mehr": [trick]}
    return trick


async def test_a_restructured_activity_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    follow = bob.activity("Follow", resident.uri)
    async with repelled(stadt, nachbar):
        for name in TRICKS:
            for value in ([], {}, [follow], None):
                for depth in (0, 1, 2, 5, 20):
                    sent = {**follow, **nested({name: value}, depth), "type": "Follow"}
                    assert await stadt.deliver(bob, sent) == 400, (name, depth)
        for second in SECOND_NAMES:
            assert await stadt.deliver(bob, {**follow, **second}) == 400, second
        for second in ({"@id": "http://boese.test/1"}, {"@type": "Note"}):
            create = bob.create(bob.note(cc=[resident.uri]) | second)
            assert await stadt.deliver(bob, create) == 400, second


async def test_a_context_that_moves_our_words_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    note = bob.note(cc=[resident.uri])
    async with repelled(stadt, nachbar):
        for context in CONTEXTS:
            whole = context if not isinstance(context, dict) else [*CONTEXT, context]
            assert await stadt.deliver(bob, {**bob.create(note), "@context": whole}) == 400, context
            inside = {**note, "@context": whole}
            assert await stadt.deliver(bob, bob.create(inside)) == 400, context


async def test_a_restructured_document_is_not_believed_when_fetched(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    stranger = boese.person("stranger")
    tricks: list[dict[str, Any]] = [{name: []} for name in TRICKS] + SECOND_NAMES
    tricks += [{"@context": [*CONTEXT, context]} for context in CONTEXTS if isinstance(context, dict)]
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for number, trick in enumerate(tricks):
            note = mallory.note()
            boese.documents[note["id"].removeprefix(boese.origin)] = {**note, **trick}
            await stadt.accept(mallory, mallory.activity("Announce", note["id"]))
            boese.documents["/users/stranger"] = {**stranger.document(), **trick}
            key_id = f"{stranger.uri}#{number}"
            assert await stadt.deliver(stranger, stranger.activity("Like", note["id"]), key_id=key_id) == 401, trick


async def test_extensions_of_others_are_read_over(stadt: Town, nachbar: Remote) -> None:
    """A context that adds words of its own, as every program does, and one that nobody has ever seen."""
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    contexts: list[Any] = [
        AS,
        [*CONTEXT, {"toot": "http://joinmastodon.org/ns#", "votersCount": "toot:votersCount"}],
        [*CONTEXT, "http://example.org/never-seen", {"@language": "de", "x": {"@id": "http://example.org/x"}}],
    ]
    for context in contexts:
        note = bob.note(cc=[resident.uri])
        await stadt.accept(bob, {**bob.create(note), "@context": context})
