"""Every route says what it needs, and holds to it: sweeps over the table of routes."""

from collections.abc import Iterator

from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Auth, Declaration, Route
from fediverse_kommune.bodies import UPLOADS
from fediverse_kommune.services.scopes import SCOPES
from tests.town import Town

SWEPT = ("/api/", "/oauth/", "/login", "/logout", "/media/", "/nodeinfo", "/.well-known/nodeinfo")


def routes() -> Iterator[Route]:
    for page in PAGES:
        yield from page.all


async def test_no_route_exists_without_a_declaration(stadt: Town) -> None:
    undeclared = [
        rule.rule
        for rule in stadt.app.url_map.iter_rules()
        if rule.rule.startswith(SWEPT)
        and not isinstance(getattr(stadt.app.view_functions[rule.endpoint], "declaration", None), Declaration)
    ]
    assert undeclared == []


def test_every_scope_that_is_asked_for_exists() -> None:
    named = {scope for route in routes() for scope in route.declaration.scopes}
    assert named <= set(SCOPES)


def test_whatever_needs_a_person_names_a_scope() -> None:
    without = [
        route.path for route in routes() if route.declaration.auth is Auth.PERSON and not route.declaration.scopes
    ]
    assert without == []


def test_what_reads_asks_for_reading_and_what_writes_for_writing() -> None:
    # Who sees the files that wait for a post can only be who may upload some: the documentation wants it so.
    # What a block would cost is asked by who is about to block: Mastodon wants it so.
    # Push has a scope of its own, in which there is nothing to tell apart.
    exceptions = {
        "/api/v1/media/<media_id>",
        "/api/v1/push/subscription",
        "/api/v1/domain_blocks/preview",
        # The documentation names the other kind, which opens them beside their own.
        "/api/v1/suggestions/<account_id>",
        "/api/v2/notifications/<group_key>/accounts",
        # They ask with a body, and change nothing.
        "/api/v1/statuses/<status_id>/translate",
        "/api/v1/admin/canonical_email_blocks/test",
        "/api/v1/admin/dimensions",
        "/api/v1/admin/measures",
        "/api/v1/admin/retention",
        # It costs too much to be asked for by a link.
        "/api/v1/accounts/export",
    }
    for route in routes():
        kinds = {scope.removeprefix("admin:").partition(":")[0] for scope in route.declaration.scopes}
        if route.path in exceptions or not kinds:
            continue
        if route.methods == ("GET",):
            assert kinds <= {"read", "profile"}, route.path
        else:
            assert kinds == {"write"}, route.path


def test_only_what_takes_pictures_takes_large_bodies() -> None:
    assert {route.path for route in routes() if route.declaration.upload} == UPLOADS
