"""C04: no word that we read is believed because of a signature inside the document, whatever that one covers."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select

from activitypub.models import Status
from activitypub.parse import parse_activity, parse_status
from tests.fediverse import PUBLIC, Person, Remote
from tests.security.attack import follower_of, serves
from tests.security.examples import for_examples
from tests.town import Town

IDENTITY = {"id", "type", "@context", "object", "actor", "signature", "proof", "attributedTo"}
AUTHORED = ("content", "title", "summary", "sensitive", "language", "visibility", "url", "in_reply_to_uri", "type")


class Watched(dict[str, Any]):
    """A document that notes which of its words are read."""

    def __init__(self, document: dict[str, Any], read: set[str]) -> None:
        super().__init__(document)
        self._read = read

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        return super().get(key, default)


def words_read() -> Iterator[str]:
    """Every property that our readers of statuses and activities look at, found by watching them read."""
    read: set[str] = set()
    for kind in ("Note", "Question", "Article", "Event", "Video"):
        document = {"id": "https://a.example/1", "type": kind, "attributedTo": "https://a.example/a"}
        parse_status(Watched(document, read))
    create = {
        "id": "https://a.example/2",
        "type": "Create",
        "actor": "https://a.example/a",
        "object": "https://a.example/1",
    }
    parse_activity(Watched(create, read))
    return (word for word in sorted(read) if word not in IDENTITY)


def lies(mallory: Person) -> st.SearchStrategy[Any]:
    return st.sampled_from(
        [
            "Falsch",
            f"{mallory.uri}/falsch",
            [PUBLIC],
            [mallory.uri],
            {"de": "<p>Falsch</p>"},
            {"type": "Link", "href": f"{mallory.uri}/falsch"},
            [{"type": "Mention", "href": mallory.uri, "name": "@mallory"}, {"type": "Hashtag", "name": "#falsch"}],
            [{"type": "Note", "name": "Falsch", "replies": {"totalItems": 99}}],
            True,
            99,
            "2001-01-01T00:00:00Z",
            None,
        ]
    )


async def test_no_word_of_a_rumour_is_taken_over(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    resident = await follower_of(stadt, bob)
    words = list(words_read())
    assert {"content", "to", "cc", "tag", "attachment", "inReplyTo", "sensitive", "published", "updated"} <= set(words)
    genuine = {"content": "<p>Echt</p>", "to": [bob.followers], "cc": [resident.uri], "sensitive": False}
    model = bob.note(**genuine)
    await stadt.accept(bob, bob.create(model))

    async def authored(uri: str) -> tuple[Any, ...]:
        def read(session: Any) -> Any:
            return session.execute(select(*(getattr(Status, name) for name in AUTHORED)).where(Status.uri == uri)).one()

        return tuple(await stadt.read(read))

    expected = await authored(model["id"])

    async def check(example: tuple[str, Any, str]) -> None:
        word, lie, kind = example
        note = bob.note(**genuine)
        rumour = bob.activity(kind, {**note, word: lie}, **{word: lie}, signature={"type": "RsaSignature2017"})
        if await stadt.deliver(mallory, rumour) == 202:
            await stadt.settle()
            assert await authored(note["id"]) == expected, word
        else:
            assert await stadt.count(Status, Status.uri == note["id"]) == 0, word

    examples = st.tuples(st.sampled_from(words), lies(mallory), st.sampled_from(["Create", "Announce"]))
    await for_examples(examples, check, count=150)
    await serves(stadt, nachbar)
