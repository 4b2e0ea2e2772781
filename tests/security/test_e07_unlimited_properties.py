"""E07: every text and every list that a remote document may hold ends at its cap, and the rest of it is still read."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from activitypub.caps import CAPS
from activitypub.models import Actor, Status
from activitypub.parse_status import CONTENT_CHARACTERS
from tests.fediverse import Remote
from tests.security.attack import follower_of, serves
from tests.town import Town

LONG = "x" * 700_000
# What the sanitiser may add to a text: the tags that it closes.
MARGIN = 100


def many(number: int, **thing: Any) -> list[dict[str, Any]]:
    return [{key: str(value).format(index) for key, value in thing.items()} for index in range(number)]


async def test_the_texts_and_lists_of_an_actor_end(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    lists = {
        "alsoKnownAs": [f"{boese.origin}/users/{number}" for number in range(10_000)],
        "attachment": many(5_000, type="PropertyValue", name="n{}", value="v{}"),
        "tag": [
            {"type": "Emoji", "name": f":e{number}:", "icon": {"type": "Image", "url": f"{boese.origin}/e{number}"}}
            for number in range(2_000)
        ],
    }
    for extra in ({"name": LONG}, {"summary": f"<p>{LONG}</p>"}, {"webfinger": LONG}, lists):
        boese.documents["/users/mallory"] = {**mallory.document(), **extra}
        await stadt.accept(mallory, mallory.activity("Follow", resident.uri))
        await stadt.accept(mallory, mallory.activity("Update", mallory.document()))
        known = await stadt.known(mallory)
        assert known is not None
        assert len(known.name) <= 2_048
        assert len(str(known.summary)) <= CAPS.bio_characters + MARGIN
        assert len(known.also_known_as) <= CAPS.also_known_as
        assert len(known.fields) <= CAPS.fields
        assert len(known.emojis) <= CAPS.emoji
    assert len(known.also_known_as) == CAPS.also_known_as
    assert len(known.fields) == CAPS.fields
    long_field = [{"type": "PropertyValue", "name": LONG[:300_000], "value": LONG[:300_000]}]
    boese.documents["/users/mallory"] = {**mallory.document(), "attachment": long_field}
    await stadt.accept(mallory, mallory.activity("Update", mallory.document()))
    known = await stadt.known(mallory)
    assert known is not None
    assert all(len(text) <= CAPS.field_characters + MARGIN for field in known.fields for text in field.values())
    await serves(stadt, nachbar)


async def test_an_endless_name_is_no_name(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    resident, mallory = await stadt.resident("anna"), boese.person("mallory")
    boese.documents["/users/mallory"] = {**mallory.document(), "preferredUsername": LONG}
    await stadt.deliver(mallory, mallory.activity("Follow", resident.uri))
    longest = await stadt.read(lambda session: max(map(len, session.scalars(select(Actor.username)))))
    assert longest <= CAPS.username_characters
    await serves(stadt, nachbar)


async def test_the_texts_and_lists_of_a_post_end(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    extras: list[dict[str, Any]] = [
        {"content": f"<p>{LONG}</p>"},
        {"summary": LONG},
        {"name": LONG, "type": "Article"},
        {"contentMap": {f"{first}{second}": "x" * 900 for first in "abcdefghij" for second in "abcdefghij" * 5}},
        {"attachment": many(5_000, type="Document", mediaType="image/png", url=f"{boese.origin}/{{}}.png", name="n")},
        {"attachment": [{"type": "Image", "url": f"{boese.origin}/1.png", "name": LONG}]},
        {"tag": many(9_000, type="Hashtag", name="#h{}")},
        {"tag": many(5_000, type="Mention", href=f"{boese.origin}/users/{{}}", name="@n{}")},
        {"tag": [{"type": "Hashtag", "name": "#" + LONG}]},
        {"to": [f"{boese.origin}/users/{number}" for number in range(9_000)] + ["as:Public"]},
        {"conversation": LONG},
        {"url": f"{boese.origin}/{LONG}"},
    ]
    for extra in extras:
        note = mallory.note(**extra)
        await stadt.accept(mallory, mallory.create(note))
        status = await stadt.read(whole, note["id"])
        assert status is not None, list(extra)
        assert len(str(status.content)) <= CONTENT_CHARACTERS + MARGIN
        assert len(status.summary) <= CAPS.bio_characters
        assert len(status.title or "") <= 2_048
        assert len(status.content_map) <= 16
        assert len(status.media) <= CAPS.attachments
        assert all(len(item.description) <= 10_000 for item in status.media)
        assert len(status.hashtags) <= CAPS.tags
        assert len(status.mentions) <= CAPS.tags
        assert len(status.emojis) <= CAPS.emoji
    await serves(stadt, nachbar)


def whole(session: Session, uri: str) -> Status | None:
    parts = (selectinload(Status.media), selectinload(Status.hashtags), selectinload(Status.mentions))
    return session.scalar(select(Status).where(Status.uri == uri).options(*parts))
