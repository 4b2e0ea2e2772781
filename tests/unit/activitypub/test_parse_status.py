"""Statuses: one test per field and quirk."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.caps import CAPS
from activitypub.graph.remote import remote_draft
from activitypub.parse import Unreadable, parse_activity, parse_status
from activitypub.parse_status import CONTENT_CHARACTERS
from activitypub.vocabulary import PUBLIC, RemoteStatus
from tests.unit.api.rows import remote_actor

ANNA = "https://a.example/users/anna"
BERT = "https://b.example/users/bert"
GROUP = "https://a.example/groups/verein"
POST = "https://a.example/posts/1"


def status(**more: Any) -> RemoteStatus:
    return parse_status({"id": POST, "type": "Note", "attributedTo": ANNA, "content": "<p>Hallo</p>", **more})


def test_the_least_a_status_can_be() -> None:
    read = parse_status({"id": POST, "type": "Note", "attributedTo": ANNA})
    assert (read.uri, read.type, read.attributed_to, read.content) == (POST, "Note", ANNA, "")
    assert (read.url, read.title, read.language, read.published, read.poll, read.event) == (None,) * 6
    assert (read.to, read.cc, read.mentions, read.hashtags, read.media) == ((),) * 5


@pytest.mark.parametrize("kind", [None, "Person", "Create", "Tombstone", "Wave", 7, ["Person"]])
def test_what_is_no_status_is_refused(kind: Any) -> None:
    with pytest.raises(Unreadable, match="no status"):
        status(type=kind)


def test_of_several_types_the_first_known_counts() -> None:
    assert status(type=["Zettel", "Note"]).type == "Note"


@pytest.mark.parametrize("bad", [None, "", 7, [POST], {"id": POST}, "tag:a.example,2026:1", "http://a.example/posts/1"])
def test_a_status_needs_an_https_id(bad: Any) -> None:
    with pytest.raises(Unreadable, match="id"):
        status(id=bad)


def test_a_test_network_may_speak_http() -> None:
    local = {"id": "http://127.0.0.1:8001/posts/1", "type": "Note", "attributedTo": "http://127.0.0.1:8001/users/a"}
    assert parse_status(local, allow_http=True).uri == local["id"]
    with pytest.raises(Unreadable):
        parse_status(local)


@pytest.mark.parametrize(
    "value",
    [
        ANNA,
        [ANNA],
        {"id": ANNA, "type": "Person"},
        [{"type": "Person", "id": ANNA}, {"type": "Group", "id": GROUP}],
        [{"type": "Group", "id": GROUP}, {"type": "Person", "id": ANNA}],
        [{"type": "Group", "id": GROUP}, ANNA],
        [None, 7, ANNA],
    ],
)
def test_attributed_to_in_any_shape(value: Any) -> None:
    assert status(attributedTo=value).attributed_to == ANNA


def test_a_group_is_the_author_where_there_is_nobody_else() -> None:
    assert status(attributedTo={"type": "Group", "id": GROUP}).attributed_to == GROUP


def test_the_channel_beside_the_author_is_the_audience() -> None:
    both = [{"type": "Person", "id": ANNA}, {"type": "Group", "id": GROUP}]
    assert status(attributedTo=both).audience == GROUP
    assert status(attributedTo=both, audience=BERT).audience == BERT


def test_actor_stands_in_for_attributed_to() -> None:
    assert status(attributedTo=None, actor={"id": ANNA}).attributed_to == ANNA


@pytest.mark.parametrize("value", [None, [], {}, 7, "anna", {"type": "Person"}])
def test_a_status_of_nobody_is_refused(value: Any) -> None:
    with pytest.raises(Unreadable, match="nobody"):
        status(attributedTo=value)


@pytest.mark.parametrize("foreign", [BERT, "https://a.example.evil.example/x", "https://a.example:8443/users/anna"])
def test_an_author_of_another_origin_is_refused(foreign: str) -> None:
    """Row A15."""
    with pytest.raises(Unreadable, match="different origins"):
        status(attributedTo=foreign)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.example/@anna/1", "https://a.example/@anna/1"),
        ({"type": "Link", "href": "https://a.example/@anna/1"}, "https://a.example/@anna/1"),
        (
            [
                {"type": "Link", "mediaType": "video/mp4", "href": "https://a.example/1.mp4"},
                {"type": "Link", "mediaType": "text/html", "href": "https://a.example/w/1"},
            ],
            "https://a.example/w/1",
        ),
        (["https://b.example/1", "https://a.example/1"], "https://a.example/1"),
        ("https://b.example/@anna/1", None),
        ("http://a.example/@anna/1", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//a.example/1", None),
        ("https://a.example\\@b.example/", None),
        ("java\nscript:alert(1)", None),
        ({"href": {"href": "https://a.example/"}}, None),
        (7, None),
    ],
)
def test_url_in_any_shape_and_only_on_the_same_origin(value: Any, expected: str | None) -> None:
    """Rows A15 and G05."""
    assert status(url=value).url == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"contentMap": {"de": "<p>Hallo</p>"}}, "de"),
        ({"contentMap": {"en": "<p>Hello</p>", "de": "<p>Hallo</p>"}}, "de"),
        ({"contentMap": {"en": "<p>Hello</p>", "fr": "<p>Salut</p>"}}, None),
        ({"contentMap": {"de-simple": "<p>anders</p>"}}, "de-simple"),  # Friendica: the map has other HTML
        ({"contentMap": {"und": "<p>Hallo</p>"}}, None),
        ({"contentMap": {"x" * 100: "<p>Hallo</p>"}}, None),
        ({"contentMap": "de"}, None),
        ({"language": {"identifier": "de", "name": "Deutsch"}}, "de"),
        ({"language": {"identifier": "und"}}, None),
        ({"inLanguage": "de"}, "de"),
        ({"language": [{"identifier": "de"}]}, None),
        ({}, None),
    ],
)
def test_language(more: dict[str, Any], expected: str | None) -> None:
    assert status(**more).language == expected


def test_content_map_alone_gives_the_content() -> None:
    read = status(content=None, contentMap={"de": "<p>Hallo</p>", "en": "<p>Hello</p>"})
    assert (read.content, read.language) == ("<p>Hallo</p>", "de")
    assert read.content_map == {"de": "<p>Hallo</p>", "en": "<p>Hello</p>"}


def test_markdown_becomes_html() -> None:
    read = status(mediaType="text/markdown", content="Eins & zwei\nhttps://a.example/?a=1&b=2\n\n<b>drei</b>")
    assert read.content == (
        "<p>Eins &amp; zwei<br>"
        '<a href="https://a.example/?a=1&amp;b=2">https://a.example/?a=1&amp;b=2</a></p>'
        "<p>&lt;b&gt;drei&lt;/b&gt;</p>"
    )


def test_a_source_in_plain_text_stands_in_for_missing_content() -> None:
    plain = {"content": "Nur die Quelle", "mediaType": "text/plain"}
    assert status(content=None, source=plain).content == "<p>Nur die Quelle</p>"
    assert status(source=plain).content == "<p>Hallo</p>"
    assert status(content=None, source={"content": "[b]x[/b]", "mediaType": "text/bbcode"}).content == ""


@pytest.mark.parametrize("key", ["content", "name", "summary"])
def test_texts_are_capped_and_free_of_nul(key: str) -> None:
    """Rows E07 and L06."""
    read = status(**{key: "\0a" * 500_000})
    text = {"content": read.content, "name": read.title or "", "summary": read.summary}[key]
    limit = {"content": CONTENT_CHARACTERS, "name": CAPS.name_characters, "summary": CAPS.bio_characters}[key]
    assert 0 < len(text) <= limit
    assert "\0" not in text


def test_a_title_stands_on_one_line_and_hides_nothing() -> None:
    """Row L06."""
    assert status(name="Rat\n haus\u202egnp.\u200b\u2066!").title == "Rat hausgnp.!"
    assert status(name="Z" + "\u0301" * 500).title == "Z" + "\u0301" * 4
    assert status(name="👩\u200d🚒 Feuerwehr").title == "👩\u200d🚒 Feuerwehr"


@pytest.mark.parametrize(
    ("kind", "more", "warning", "excerpt"),
    [
        ("Note", {"summary": "Spinnen"}, "Spinnen", ""),
        ("Note", {"summary": "\u200b", "sensitive": True}, "", ""),  # Misskey's empty warning
        ("Question", {"summary": "Spinnen"}, "Spinnen", ""),
        ("Article", {"summary": "Worum es geht"}, "", "Worum es geht"),
        ("Article", {"summary": "Verrät das Ende", "sensitive": True}, "Verrät das Ende", ""),  # BookWyrm
        ("Article", {"summary": "x", "dcterms:subject": "Unfall", "sensitive": True}, "Unfall", "x"),  # WordPress
        ("Page", {"summary": "x", "sensitive": None}, "", "x"),
    ],
)
def test_summary_is_a_warning_or_an_excerpt(kind: str, more: dict[str, Any], warning: str, excerpt: str) -> None:
    read = status(type=kind, **more)
    assert (read.summary, read.excerpt) == (warning, excerpt)


def test_what_is_said_and_not_understood_of_who_may_find_it_means_nobody_else() -> None:
    said: Any
    for said in (["as:Limited"], "kmyblue:LocalPublic", [7], {"type": "Collection"}):
        read = status(searchableBy=said)
        assert read.searchable_by == (read.attributed_to,), said
    for said in (None, []):
        assert status(searchableBy=said).searchable_by == ()
    assert status(searchableBy="as:Public").searchable_by == ("https://www.w3.org/ns/activitystreams#Public",)


@pytest.mark.parametrize("value", [None, 1, "true", [True], {}])
def test_only_a_json_true_is_sensitive(value: Any) -> None:
    assert not status(sensitive=value).sensitive


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23T20:00:00Z", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("2026-11-23T20:00:00.123456Z", datetime(2026, 11, 23, 20, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-23T21:00:00+01:00", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("2026-11-23T20:00:00-00:00", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("2026-11-23T20:00:00", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("1900-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("gestern", None),
        ("Mon, 23 Nov 2026 20:00:00 GMT", None),
        ("2026-11-23T20:00:00Z" + "0" * 1_000_000, None),
        (1_795_464_000, None),
        ({"@value": "2026-11-23"}, None),
    ],
)
def test_times_are_utc_or_none(value: Any, expected: datetime | None) -> None:
    """Row L07."""
    assert status(published=value).published == expected


@pytest.mark.parametrize("published", ["2026-11-23T20:00:01Z", "9000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", None])
def test_what_is_from_the_future_or_from_no_time_is_from_now(published: str | None) -> None:
    """Row L07: ids are made of the time of a draft, so lists keep their order."""
    now = datetime(2026, 11, 23, 20, tzinfo=UTC)
    read = status(published=published, updated="2027-01-01T00:00:00Z")
    draft = remote_draft(read, remote_actor(), {}, now)
    assert (draft.published_at, draft.edited_at) == (now, now)


@pytest.mark.parametrize(
    ("updated", "edited"),
    [
        (None, False),
        ("2026-03-05T09:00:00.000Z", False),
        ("2026-03-05T09:00:00.120Z", False),  # PeerTube
        ("2026-03-05T08:00:00Z", False),
        ("2026-03-05T09:00:01Z", True),
    ],
)
def test_updated_says_whether_it_was_edited(updated: str | None, edited: bool) -> None:
    read = status(published="2026-03-05T09:00:00.000Z", updated=updated)
    assert (read.updated is not None) is edited


@pytest.mark.parametrize("value", [BERT, [BERT], {"id": BERT}, [None, {"type": "Note", "id": BERT}]])
def test_in_reply_to_in_any_shape(value: Any) -> None:
    assert status(inReplyTo=value).in_reply_to == BERT


def test_addressing_comes_from_the_envelope_only_if_the_object_has_none() -> None:
    document = {"id": POST, "type": "Note", "attributedTo": ANNA}
    envelope = parse_activity(
        {"id": f"{POST}/a", "type": "Create", "actor": ANNA, "object": document, "to": "as:Public", "cc": [BERT]}
    )
    assert parse_status(document).to == ()
    read = parse_status(document, envelope=envelope)
    assert (read.to, read.cc) == ((PUBLIC,), (BERT,))
    assert parse_status({**document, "to": [BERT]}, envelope=envelope).to == (BERT,)


@pytest.mark.parametrize("key", ["quote", "quoteUrl", "quoteUri", "_misskey_quote"])
def test_quotes_by_any_name(key: str) -> None:
    assert status(**{key: "https://b.example/posts/2"}).quote == "https://b.example/posts/2"


def test_a_quote_by_an_object_link() -> None:
    link = {
        "type": "Link",
        "mediaType": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        "rel": ["https://misskey-hub.net/ns#_misskey_quote"],
        "href": "https://b.example/posts/2",
    }
    assert status(tag=[link]).quote == "https://b.example/posts/2"
    assert status(tag=[{**link, "rel": "canonical"}]).quote is None
    assert status(tag=[{**link, "mediaType": "text/html"}]).quote is None


def test_the_quoted_text_of_bookwyrm_is_no_quote() -> None:
    assert status(type="Quotation", quote="<p>Das Rad stand still.</p>").quote is None


@pytest.mark.parametrize("kind", ["Review", "Comment", "Quotation", "GeneratedNote", "ChatMessage"])
def test_types_of_single_programs_become_common_ones(kind: str) -> None:
    assert status(type=kind).type == ("Article" if kind == "Review" else "Note")


def test_the_page_a_page_is_about() -> None:
    link = {"type": "Link", "href": "https://zeitung.example/artikel", "mediaType": "text/html"}
    assert status(type="Page", attachment=[link]).link == "https://zeitung.example/artikel"
    friendica = status(type="Page", url="https://zeitung.example/artikel")
    assert (friendica.link, friendica.url) == ("https://zeitung.example/artikel", None)
    assert status(type="Note", url="https://zeitung.example/artikel").link is None
    assert status(attachment=[{**link, "href": "javascript:alert(1)"}]).link is None


def test_conversation_by_context_or_by_ostatus_id() -> None:
    assert status(conversation="tag:a.example,2026:1").conversation == "tag:a.example,2026:1"
    assert status(context="https://a.example/c/1", conversation="x").conversation == "https://a.example/c/1"
    assert status(thread={"id": "https://a.example/t/1"}, conversation="x").conversation == "https://a.example/t/1"
    assert status(conversation={"id": 7}).conversation is None
    assert len(status(conversation="x" * 100_000).conversation or "") == 2048


def test_replies_by_uri_or_embedded_collection() -> None:
    assert status(replies=f"{POST}/replies").replies == f"{POST}/replies"
    assert status(replies={"id": f"{POST}/replies", "type": "Collection"}).replies == f"{POST}/replies"
    assert status(replies={"type": "Collection", "items": []}).replies is None
    assert status(replies="https://b.example/replies").replies is None
    # PieFed: the answers themselves
    assert status(replies=[{"id": f"{POST}/1", "type": "Note", "attributedTo": ANNA}]).replies is None


def test_an_empty_first_page_of_replies_is_turned() -> None:
    """At GoToSocial's address are the answers of others alone; those of the author are on what follows the page."""
    following = f"{POST}/replies?page=true&only_other_accounts=false"
    for page, expected in (
        ({"next": following}, following),
        ({"next": following, "items": []}, following),
        ({"next": following, "items": [f"{POST}/1"]}, f"{POST}/replies"),
        ({"next": following, "orderedItems": [f"{POST}/1"]}, f"{POST}/replies"),
        ({"next": "https://b.example/replies"}, f"{POST}/replies"),
        ({}, f"{POST}/replies"),
    ):
        collection = {"id": f"{POST}/replies", "type": "Collection", "first": {"type": "CollectionPage", **page}}
        assert status(replies=collection).replies == expected, page


def test_whether_its_group_takes_answers_to_it() -> None:
    assert [status(commentsEnabled=value).locked for value in (False, True, None, "false")] == [
        True,
        False,
        False,
        False,
    ]


def option(name: Any, votes: Any = 0) -> dict[str, Any]:
    return {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}}


def test_a_poll() -> None:
    read = status(type="Question", oneOf=[option("Ja", 3), option("Nein", 1)], endTime="2026-12-01T00:00:00Z")
    assert read.poll is not None
    assert read.poll.options == (("Ja", 3), ("Nein", 1))
    assert (read.poll.multiple, read.poll.closed_at, read.poll.voters_count) == (False, None, None)
    assert read.poll.ends_at == datetime(2026, 12, 1, tzinfo=UTC)


def test_any_of_is_multiple_choice_unless_one_of_says_otherwise() -> None:
    several = status(type="Question", oneOf=[], anyOf=[option("Ja")]).poll
    one = status(type="Question", oneOf=[option("Ja")], anyOf=[option("Nein")]).poll
    assert several is not None
    assert one is not None
    assert several.multiple
    assert (one.multiple, one.options) == (False, (("Ja", 0),))


def test_options_are_capped_named_and_each_once() -> None:
    """Row E06."""
    many = [option("Ja"), option("Ja", 9), option(None), option(""), "Nein"]
    poll = status(type="Question", anyOf=many + [option(f"{number}") for number in range(100_000)]).poll
    assert poll is not None
    assert poll.options[0] == ("Ja", 0)
    assert len(poll.options) <= CAPS.poll_options


@pytest.mark.parametrize(
    ("votes", "expected"),
    [(3, 3), (-5, 0), (10**30, CAPS.untrusted_count), (1e300, CAPS.untrusted_count), ("7", 0), (None, 0), (True, 0)],
)
def test_tallies_are_clamped(votes: Any, expected: int) -> None:
    """Row E19."""
    poll = status(type="Question", oneOf=[option("Ja", votes)], votersCount=votes).poll
    assert poll is not None
    assert poll.options == (("Ja", expected),)
    assert poll.voters_count == (None if votes is None else expected)


@pytest.mark.parametrize("closed", ["2026-12-01T00:00:00Z", True])
def test_closed_is_a_time_or_a_bare_true(closed: Any) -> None:
    poll = status(type="Question", oneOf=[option("Ja")], endTime="2026-12-01T00:00:00Z", closed=closed).poll
    assert poll is not None
    assert poll.closed_at == datetime(2026, 12, 1, tzinfo=UTC)


def test_a_poll_that_misskey_has_closed_still_says_when_it_ended() -> None:
    poll = status(type="Question", oneOf=[option("Ja")], closed="2026-12-01T00:00:00Z").poll
    assert poll is not None
    assert poll.ends_at == poll.closed_at == datetime(2026, 12, 1, tzinfo=UTC)


def test_without_options_or_outside_a_question_there_is_no_poll() -> None:
    assert status(type="Question").poll is None
    assert status(type="Question", oneOf="Ja").poll is None
    assert status(oneOf=[option("Ja")]).poll is None
