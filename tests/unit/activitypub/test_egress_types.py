"""Which Content-Type headers announce an ActivityPub document."""

import pytest

from activitypub.http import ACTIVITY_ACCEPT, has_type, is_activity_type

PROFILE = "https://www.w3.org/ns/activitystreams"


@pytest.mark.parametrize(
    "header",
    [
        "application/activity+json",
        "Application/Activity+JSON",
        "application/activity+json; charset=utf-8",
        "application/activity+json;charset=UTF-8",
        f'application/ld+json; profile="{PROFILE}"',
        f'application/ld+json;charset=utf-8;PROFILE="{PROFILE}"',
        f'application/ld+json; profile="https://example.org/other {PROFILE}"',
    ],
)
def test_announced(header: str) -> None:
    assert is_activity_type(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "application/json",
        "text/plain",
        "text/html; application/activity+json",
        "application/octet-stream",
        "application/ld+json",
        'application/ld+json; profile=""',
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams-other"',
        f"application/ld+json; profile={PROFILE}",
        f'application/ld+json; note=";profile={PROFILE}"',
        "application/ld+json; profile*=utf-8''x; profile*0=",
        ";;;",
        f'application/json; profile="{PROFILE}"',
        f'text/html; profile="{PROFILE}"',
        "application/activity+json, text/html",
        "text/html, application/activity+json",
        "application/activity+jsonx",
        ACTIVITY_ACCEPT,
    ],
)
def test_not_announced(header: str | None) -> None:
    assert not is_activity_type(header)


def test_other_documents_have_other_types() -> None:
    jrd = frozenset({"application/jrd+json", "application/json"})
    assert has_type("application/jrd+json; charset=utf-8", jrd)
    assert has_type("application/json", jrd)
    assert not has_type("application/activity+json", jrd)
