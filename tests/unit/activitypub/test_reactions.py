"""Which activities put an emoji below a status, and which emoji (FEP-c0e0)."""

from typing import Any

import pytest

from activitypub.emojis import emoji_in, emoji_name
from activitypub.parse import parse_activity
from activitypub.parse_reaction import read_reaction, shortcode_of
from activitypub.vocabulary import RemoteReaction

ANNA = "https://nord.example/users/anna"
POST = "https://stadt.example/users/rathaus/statuses/1"


def reaction(content: Any = None, kind: str = "EmojiReact", **more: Any) -> RemoteReaction | None:
    said = {} if content is None else {"content": content}
    document = {"id": "https://nord.example/react/1", "type": kind, "actor": ANNA, "object": POST, **said, **more}
    return read_reaction(parse_activity(document), allow_http=False)


def picture(name: str = ":fisch:", url: str = "https://nord.example/fisch.png", **more: Any) -> dict[str, Any]:
    return {"type": "Emoji", "name": name, "icon": {"type": "Image", "url": url}, **more}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, text) for text in ("👍", "❤️", "👍🏽", "🇩🇪", "1️⃣", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿")),
        ("❤", "❤️"),  # without its variation selector, as some keyboards write it
        ("☃", "☃️"),
        ("🏳‍🌈", "🏳️‍🌈"),
        *((text, None) for text in ("", "a", "1", "ä", "👍👍", "👍 ", "<b>👍</b>", "★", "🏻", ":fisch:", "👍" * 50)),
    ],
)
def test_one_emoji_is_told_from_other_texts(text: str, expected: str | None) -> None:
    assert emoji_in(text) == expected


def test_emoji_have_names_in_german_and_english() -> None:
    assert emoji_name("👍", "de") == "Daumen hoch"
    assert emoji_name("👍", "en") == "Thumbs up"
    assert emoji_name("👍", "xx") == "Thumbs up"
    assert emoji_name("🇩🇪", "de") == "Flagge deutschland"
    assert emoji_name("fisch@nord.example", "de") == "fisch"


def test_an_emoji_react_and_a_like_with_an_emoji_are_the_same() -> None:
    for kind in ("EmojiReact", "Like"):
        assert reaction("🔥", kind) == RemoteReaction(kind, "🔥")
        assert reaction(" ❤ ", kind) == RemoteReaction(kind, "❤️")
        assert reaction(None, kind, _misskey_reaction="🔥") == RemoteReaction(kind, "🔥")


def test_the_type_may_stand_there_as_an_iri() -> None:
    for kind in ("litepub:EmojiReact", "http://litepub.social/ns#EmojiReact"):
        assert reaction("🔥", kind) == RemoteReaction("EmojiReact", "🔥")


def test_a_picture_has_to_come_along() -> None:
    fish = RemoteReaction("EmojiReact", "fisch@nord.example", "https://nord.example/fisch.png")
    assert reaction(":fisch:", tag=[picture()]) == fish
    assert reaction(":fisch:", tag=picture("fisch")) == fish  # as Akkoma names it
    assert reaction(":fisch@.:", tag=[picture(":fisch@.:")]) == fish  # as Misskey does
    assert reaction(":fisch:", tag=[picture(":vogel:"), picture()]) == fish
    for tags in ([], [picture(":vogel:")], [{"type": "Emoji", "name": ":fisch:"}], [picture(url="ftp://nord.example")]):
        assert reaction(":fisch:", tag=tags) is None
    assert reaction(":fi sch:", tag=[picture(":fi sch:")]) is None


def test_nobody_hangs_a_picture_on_the_name_of_another_server() -> None:
    def home(emoji_id: str | None, url: str) -> str:
        found = reaction(":fisch:", tag=[picture(url=url, id=emoji_id)])
        assert found is not None
        return found.name.partition("@")[2]

    assert home("https://sued.example/emojis/fisch", "https://sued.example/fisch.png") == "sued.example"
    assert home("https://sued.example/emojis/fisch", "https://nord.example/hai.png") == "nord.example"
    assert home("https://nord.example/emojis/fisch", "https://dateien.example/fisch.png") == "nord.example"
    assert home(None, "https://dateien.example/fisch.png") == "nord.example"


def test_whatever_else_stands_there_is_no_reaction() -> None:
    for content in (None, "", "Gefällt mir", "<p>👍</p>", "👍👎", "x" * 5_000, 7):
        assert reaction(content) is None
        assert reaction(content, "Like") is None
    assert reaction("👍", "Dislike") is None


def test_a_picture_is_named_also_without_coming_along() -> None:
    document = {"id": "https://nord.example/react/1", "type": "EmojiReact", "actor": ANNA, "object": POST}
    assert shortcode_of(parse_activity({**document, "content": ":fisch@sued.example:"})) == "fisch"
    assert shortcode_of(parse_activity({**document, "content": "👍"})) is None
    assert shortcode_of(parse_activity(document)) is None
