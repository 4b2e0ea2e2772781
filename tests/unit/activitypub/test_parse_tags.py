"""Mentions, hashtags, emoji: the shapes of `tag`."""

from typing import Any

import pytest

from activitypub.caps import CAPS
from activitypub.hashtags import HASHTAG_CHARACTERS, hashtag_key, hashtag_name
from activitypub.parse import parse_status
from activitypub.vocabulary import RemoteEmoji, RemoteMention, RemoteStatus

ANNA = "https://a.example/users/anna"
BERT = "https://b.example/users/bert"


def tagged(tag: Any) -> RemoteStatus:
    return parse_status({"id": "https://a.example/posts/1", "type": "Note", "attributedTo": ANNA, "tag": tag})


def emoji(name: Any, url: Any = "https://a.example/e.png") -> dict[str, Any]:
    return {"type": "Emoji", "name": name, "icon": {"type": "Image", "url": url}}


def test_one_tag_need_not_be_a_list() -> None:
    assert tagged({"type": "Hashtag", "name": "#Fest"}).hashtags == ("Fest",)


def test_mentions_are_actors_each_once() -> None:
    tags = [
        {"type": "Mention", "href": BERT, "name": "@bert@b.example"},
        {"type": "Mention", "href": BERT, "name": "@bert"},
        {"type": "Mention", "href": {"id": ANNA}, "name": None},
        {"type": "Mention", "name": "@niemand"},
        {"type": "Mention", "href": "mailto:x@b.example"},
        "Mention",
    ]
    assert tagged(tags).mentions == (RemoteMention(BERT, "@bert@b.example"), RemoteMention(ANNA, ""))


def test_hashtags_are_kept_as_written_and_each_once() -> None:
    names = [
        "#Straßenfest",
        "#STRASSENFEST",
        "strassenfest",
        "#Übung",
        "\uff03\uff26est",
        "##Fest",
        "#",
        "#a b",
        "",
        7,
        None,
    ]
    tags = [{"type": "Hashtag", "name": name} for name in names]
    assert tagged(tags).hashtags == ("Straßenfest", "Übung", "Fest")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("#Fest", "Fest"),
        (" Fest ", "Fest"),
        ("\uff26est", "Fest"),
        ("#2026", "2026"),
        ("नमस्ते", "नमस्ते"),
        ("l·l", "l·l"),
        ("Rat_haus", "Rat_haus"),
        ("#", None),
        ("#_", None),
        ("a#b", None),
        ("a b", None),
        ("a\u202eb", None),
        ("a-b", None),
        ("<b>", None),
        ("x" * 255, "x" * 255),
        ("x" * 256, None),
        ("\ufdfa" * 200, None),  # one character that NFKC makes eighteen of
    ],
)
def test_hashtag_name(written: str, name: str | None) -> None:
    """Row L06."""
    assert hashtag_name(written) == name


def test_hashtag_key_folds_and_stays_short() -> None:
    assert hashtag_key("Straßenfest") == hashtag_key("STRASSENFEST") == "strassenfest"
    assert hashtag_key("Übung") == hashtag_key("U\u0308bung")
    assert len(hashtag_key("ß" * HASHTAG_CHARACTERS)) == HASHTAG_CHARACTERS


def test_emoji_need_a_shortcode_and_a_picture() -> None:
    tags = [
        emoji(":buch:"),
        emoji("biene"),  # Akkoma's reactions leave the colons out
        emoji(":buch:", "https://a.example/other.png"),
        emoji(":a b:"),
        emoji('":onerror=":'),
        emoji(7),
        emoji(":böse:", "javascript:alert(1)"),
        emoji(":x:", "javascript:alert(1)"),
        {"type": "Emoji", "name": ":kahl:"},
        {**emoji(":liste:"), "icon": [{"type": "Image", "url": "https://a.example/l.png"}]},
        {**emoji(":text:"), "icon": "https://a.example/t.png"},
    ]
    assert tagged(tags).emojis == (
        RemoteEmoji("buch", "https://a.example/e.png"),
        RemoteEmoji("biene", "https://a.example/e.png"),
        RemoteEmoji("liste", "https://a.example/l.png"),
        RemoteEmoji("text", "https://a.example/t.png"),
    )


def test_tags_and_emoji_are_capped() -> None:
    """Rows E07 and E09."""
    assert len(tagged([emoji(f":e{number}:") for number in range(10_000)]).emojis) == CAPS.emoji
    crowd = [{"type": "Mention", "href": f"https://b.example/users/{number}"} for number in range(10_000)]
    assert len(tagged(crowd).mentions) == CAPS.tags


def test_a_list_that_php_made_an_object() -> None:
    """Pixelfed merges one named and many numbered entries; a list with a gap is numbered too."""
    mention = {"type": "Mention", "href": BERT, "name": "@bert@b.example"}
    hashtag = {"type": "Hashtag", "name": "#Foto"}
    merged = tagged({**mention, "0": {**mention, "href": ANNA}, "1": hashtag})
    assert [each.uri for each in merged.mentions] == [BERT, ANNA]
    assert merged.hashtags == ("Foto",)
    assert tagged({"1": hashtag, "3": mention}).hashtags == ("Foto",)


def test_types_in_a_list_are_understood() -> None:
    assert tagged([{"type": ["Hashtag"], "name": "#Fest"}]).hashtags == ("Fest",)
