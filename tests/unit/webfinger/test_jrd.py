"""JRDs are written as RFC 7033 says and read from servers that say anything."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfinger.handle import Handle
from webfinger.jrd import INTENT, SUBSCRIBE, InvalidJrd, actor_jrd, parse_jrd

ANNA = "https://social.stadt.example/users/anna"
ACTIVITY = "application/activity+json"


def test_the_jrd_of_an_actor() -> None:
    document = actor_jrd(
        Handle("anna", "stadt.example"),
        ANNA,
        profile_url="https://social.stadt.example/@anna",
        avatar=("https://social.stadt.example/media/a.webp", "image/webp"),
        templates={
            SUBSCRIBE: "https://social.stadt.example/authorize_interaction?uri={uri}",
            INTENT + "Create": "https://social.stadt.example/share?text={content}",
        },
    )
    assert document == {
        "subject": "acct:anna@stadt.example",
        "aliases": ["https://social.stadt.example/@anna", ANNA],
        "links": [
            {"rel": "self", "type": ACTIVITY, "href": ANNA},
            {
                "rel": "http://webfinger.net/rel/profile-page",
                "type": "text/html",
                "href": "https://social.stadt.example/@anna",
            },
            {
                "rel": "http://webfinger.net/rel/avatar",
                "href": "https://social.stadt.example/media/a.webp",
                "type": "image/webp",
            },
            {
                "rel": "http://ostatus.org/schema/1.0/subscribe",
                "template": "https://social.stadt.example/authorize_interaction?uri={uri}",
            },
            {
                "rel": "https://w3id.org/fep/3b86/Create",
                "template": "https://social.stadt.example/share?text={content}",
            },
        ],
    }
    jrd = parse_jrd(document)
    assert jrd.actor_uri == ANNA
    assert jrd.subscribe_template == "https://social.stadt.example/authorize_interaction?uri={uri}"


def test_the_smallest_jrd() -> None:
    assert actor_jrd(Handle("stadt", "stadt.example"), "https://stadt.example/actor") == {
        "subject": "acct:stadt@stadt.example",
        "aliases": ["https://stadt.example/actor"],
        "links": [{"rel": "self", "type": ACTIVITY, "href": "https://stadt.example/actor"}],
    }


@pytest.mark.parametrize(
    "media_type",
    [
        ACTIVITY,
        "Application/Activity+JSON",
        "application/activity+json; charset=utf-8",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json;profile="https://www.w3.org/ns/activitystreams"',
        "application/ld+json; profile=https://www.w3.org/ns/activitystreams",
    ],
)
def test_both_types_of_an_actor_in_every_spelling(media_type: str) -> None:
    assert parse_jrd({"links": [{"rel": "self", "type": media_type, "href": ANNA}]}).actor_uri == ANNA


@pytest.mark.parametrize(
    "links",
    [
        None,
        [],
        [None, 1, "x", []],
        [{"rel": "self", "href": ANNA}],
        [{"rel": "self", "type": "text/html", "href": ANNA}],
        [{"rel": "self", "type": "application/ld+json", "href": ANNA}],
        [{"rel": "alternate", "type": ACTIVITY, "href": ANNA}],
        [{"rel": ["self"], "type": ACTIVITY, "href": ANNA}],
        [{"rel": "self", "type": [ACTIVITY], "href": ANNA}],
        [{"rel": "self", "type": ACTIVITY, "href": [ANNA]}],
        [{"rel": "self", "type": ACTIVITY, "href": ""}],
        [{"rel": "self", "type": ACTIVITY}],
        [{"rel": "other", "href": "x"}] * 100 + [{"rel": "self", "type": ACTIVITY, "href": ANNA}],
    ],
)
def test_links_that_name_no_actor(links: Any) -> None:
    assert parse_jrd({"subject": "acct:a@b", "links": links}).actor_uri is None


@pytest.mark.parametrize(
    "document",
    [None, 1, "x", [], {"subject": 1}, {"subject": ["x"]}, {"links": {}}, {"links": "x"}, {"aliases": "x"}],
)
def test_what_is_no_jrd(document: Any) -> None:
    with pytest.raises(InvalidJrd):
        parse_jrd(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["rel", "type", "href", "x"]), inner),
)


@given(JSON | st.fixed_dictionaries({}, optional={"subject": JSON, "aliases": JSON, "links": JSON}))
def test_wrong_types_raise_nothing_else(document: Any) -> None:
    try:
        jrd = parse_jrd(document)
    except InvalidJrd:
        return
    assert jrd.actor_uri is None or isinstance(jrd.actor_uri, str)
    assert all(isinstance(alias, str) for alias in jrd.aliases)
