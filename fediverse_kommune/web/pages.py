"""The public pages: the town, its people and clubs, what they write. No login, no JavaScript, nothing to consent to.

An address of a person or post serves programs, too: who asks for ActivityPub is sent to the id behind the page.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from quart import Blueprint, Response, render_template, request
from quart.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session
from werkzeug.exceptions import Gone, NotFound

from activitypub import emojis
from activitypub.graph.actors import find_by_handle
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.http import is_activity_type
from activitypub.models import Actor, Status
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.catalogues import LANGUAGES
from fediverse_kommune.server import Server
from fediverse_kommune.services.calendar import as_file
from fediverse_kommune.web import failures, feeds, filters, headers, language, reading, wellknown
from fediverse_kommune.web.filters import page_of_status
from fediverse_kommune.web.i18n import Speech
from fediverse_kommune.web.participation import Gathering, read_gathering
from fediverse_kommune.web.reading import Listing
from fediverse_kommune.web.sessions import LoggedIn, Sessions
from webfinger.handle import Handle, InvalidHandle, is_username, parse_handle

STATIC = Path(__file__).parent.parent / "static"
STYLES = ("vendor/kern/fira-sans.css", "vendor/kern/kern.min.css", "kommune.css")
"""The first two are KERN's, fetched by `make assets`; without them pages are plain and all there."""

PAGE = Declaration(Auth.OPTIONAL, Cache.MINUTE)
FOR_EVERYBODY = Declaration(Auth.NOBODY_ASKED, Cache.MINUTE)


def blueprint(server: Server, sessions: Sessions) -> Blueprint:
    """Return the pages; with them come the languages, the headers and the error pages of the whole app."""
    pages = Pages(server, sessions)
    routes = Blueprint("pages", __name__)
    for rule, view in (
        ("/", pages.town),
        ("/about", pages.about),
        ("/tags/<tag>", pages.tag),
        ("/tags/<tag>.<any(rss, atom):form>", pages.tag_feed),
        ("/@<username>", pages.profile),
        ("/@<username>.<any(rss, atom):form>", pages.feed),
        ("/@<username>/<status_id>", pages.status),
        ("/@<username>/<status_id>.ics", pages.calendar_file),
        ("/@<username>/<status_id>.<any(rss, atom):form>", pages.conversation_feed),
        ("/robots.txt", pages.robots),
        ("/.well-known/security.txt", pages.security),
    ):
        routes.add_url_rule(rule, view_func=view, endpoint=view.__name__, methods=["GET"])
    routes.record_once(_set_up_templates(server))
    language.install(routes, server.instance)
    headers.install(routes, server.instance)
    failures.install(routes)
    return routes


class Pages:
    """Answers browsers, and feed readers."""

    def __init__(self, server: Server, sessions: Sessions) -> None:
        self._server = server
        self._sessions = sessions
        self._instance = server.instance
        self._db = server.db

    @declared(PAGE)
    async def town(self) -> Response:
        """Show the town: its newest posts, its offices, clubs and people."""
        if _wants_activity():
            return _to_id(self._instance.actor_uri)
        max_id = _max_id()
        page = await self._db.read(reading.read_town, max_id)
        return await self._page("town.html", posts=page.posts, directory=page.directory, is_first=max_id is None)

    @declared(PAGE)
    async def about(self) -> Response:
        """Say who runs this instance, and how to reach them."""
        usage = await self._server.statistics.usage()
        return await self._page("about.html", usage=usage, contact=self._server.config.instance.contact_email)

    @declared(PAGE)
    async def tag(self, tag: str) -> Response:
        """Show what people here wrote with a hashtag."""
        name = hashtag_name(tag)
        if name is None:
            raise NotFound
        max_id = _max_id()
        posts = await self._db.read(reading.read_tag, hashtag_key(name), max_id)
        return await self._page("tag.html", tag=name, posts=posts, is_first=max_id is None)

    @declared(PAGE)
    async def profile(self, username: str) -> Response:
        """Show an actor of ours and its posts; of somebody elsewhere, where they are at home."""
        if "@" in username:
            return await self._elsewhere(username)
        if _wants_activity():
            return _to_id(self._instance.user_uri(_named(username)))
        max_id = _max_id()
        page = await self._db.read(reading.read_profile, _named(username), max_id)
        if page is None:
            raise await self._missing(self._instance.user_uri(username))
        posts = Listing([line for line in page.posts.lines if await self._is_welcome(line.status)], page.posts.older)
        return await self._page(
            "profile.html", actor=page.actor, pinned=page.pinned, posts=posts, is_first=max_id is None
        )

    @declared(PAGE)
    async def status(self, username: str, status_id: str) -> Response:
        """Show a post of ours and the conversation around it."""
        number = reading.row_id(status_id)
        uri = self._instance.status_uri(_named(username), number)
        if _wants_activity():
            return _to_id(uri)
        thread = await self._db.read(reading.read_thread, username, number)
        if thread is None:
            raise await self._missing(uri)
        if any(row.reactions for row in (thread.status, *thread.ancestors, *thread.replies)):
            await asyncio.to_thread(emojis.load, *LANGUAGES)
        person = await self._sessions.current(request)
        viewer = person.actor if person else None
        return await self._page_for(
            person,
            "status.html",
            status=thread.status,
            gathering=await self._gathering(thread.status, viewer),
            here=page_of_status(thread.status),
            ancestors=[row for row in thread.ancestors if await self._is_welcome(row)],
            replies=[row for row in thread.replies if await self._is_welcome(row)],
        )

    @declared(FOR_EVERYBODY)
    async def calendar_file(self, username: str, status_id: str) -> Response:
        """Answer with an event of ours as a file that calendars open."""
        number = reading.row_id(status_id)
        file = await self._db.read(_calendar_file, _named(username), number)
        if file is None:
            raise await self._missing(self._instance.status_uri(username, number))
        response = Response(file, content_type="text/calendar; charset=utf-8")
        response.headers["Cache-Control"] = Cache.MINUTE
        response.headers["Content-Disposition"] = f'attachment; filename="{number}.ics"'
        return response

    @declared(FOR_EVERYBODY)
    async def feed(self, username: str, form: str) -> Response:
        """Answer with the public posts of an actor of ours as a feed."""
        found = await self._db.read(reading.read_feed, _named(username))
        if found is None:
            raise await self._missing(self._instance.user_uri(username))
        actor, statuses = found
        return await self._feed(form, feeds.of_actor(actor, self._instance), statuses)

    @declared(FOR_EVERYBODY)
    async def tag_feed(self, tag: str, form: str) -> Response:
        """Answer with what people here wrote with a hashtag as a feed."""
        name = hashtag_name(tag)
        if name is None:
            raise NotFound
        posts = await self._db.read(reading.read_tag, hashtag_key(name), None)
        return await self._feed(form, feeds.of_tag(name, self._instance), [line.status for line in posts.lines])

    @declared(FOR_EVERYBODY)
    async def conversation_feed(self, username: str, status_id: str, form: str) -> Response:
        """Answer with a post of ours and what answers it as a feed, the newest first."""
        number = reading.row_id(status_id)
        thread = await self._db.read(reading.read_thread, _named(username), number)
        if thread is None:
            raise await self._missing(self._instance.status_uri(username, number))
        newest = sorted(thread.replies, key=lambda row: row.id, reverse=True)[: reading.FEED]
        answers = [row for row in newest if await self._is_welcome(row)]
        return await self._feed(form, feeds.of_conversation(thread.status, self._instance), [*answers, thread.status])

    async def _feed(self, form: str, source: feeds.Source, statuses: Sequence[Status]) -> Response:
        kind = feeds.FORMS[form]
        response = Response(kind.write(source, statuses, self._instance), content_type=kind.media_type)
        response.headers["Cache-Control"] = Cache.MINUTE
        await response.add_etag()
        return await response.make_conditional(request)

    @declared(FOR_EVERYBODY)
    async def robots(self) -> Response:
        """Tell search engines what to leave alone."""
        return _text(wellknown.robots_txt())

    @declared(FOR_EVERYBODY)
    async def security(self) -> Response:
        """Say whom to tell of a hole in this server."""
        contact = self._server.config.instance.contact_email
        return _text(wellknown.security_txt(self._instance, contact, self._server.clock()))

    async def _elsewhere(self, username: str) -> Response:
        """Name the home of somebody whom this server has met. Nothing is fetched for a visitor."""
        handle = self._handle(username)
        if handle.domain in self._instance.hosts:
            return _to_id(self._instance.profile_url(handle.username))
        actor = await self._db.read(find_by_handle, handle.username, handle.domain)
        if actor is None or actor.suspended_at is not None or await self._server.blocks.severity(actor.host):
            raise NotFound
        return await self._page("elsewhere.html", actor=actor)

    def _handle(self, username: str) -> Handle:
        try:
            return parse_handle(username, test_network=self._instance.test_network)
        except InvalidHandle as error:
            raise NotFound from error

    async def _is_welcome(self, status: Status) -> bool:
        """True unless the author's server is shut out, even if only from public places: this is one."""
        return status.local or await self._server.blocks.severity(status.actor.host) is None

    async def _missing(self, uri: str) -> NotFound | Gone:
        """Return what says that there is nothing, or nothing any more; never that there is something hidden."""
        return Gone() if await self._db.read(reading.is_gone, uri) else NotFound()

    async def _gathering(self, status: Status, viewer: Actor | None) -> Gathering | None:
        if status.event is None:
            return None
        return await self._db.read(read_gathering, status, viewer, self._server.clock())

    async def _page(self, template: str, **shown: Any) -> Response:
        return await self._page_for(await self._sessions.current(request), template, **shown)

    async def _page_for(self, person: LoggedIn | None, template: str, **shown: Any) -> Response:
        response = Response(await render_template(template, person=person, **shown))
        return headers.keep_briefly(response, request, self._sessions.cookie)


def _calendar_file(session: Session, username: str, status_id: int) -> bytes | None:
    status = reading.read_status(session, username, status_id)
    return None if status is None or status.event is None else as_file(status, status.event)


def _set_up_templates(server: Server) -> Callable[[BlueprintSetupState], None]:
    """Return what makes the app's templates speak: languages, filters, and what stands on every page."""

    def set_up(state: BlueprintSetupState) -> None:
        environment = state.app.jinja_env
        Speech().install(environment)
        filters.install(environment, server.instance)
        environment.globals |= {
            "instance": server.instance,
            "about_instance": server.config.instance,
            "styles": [_versioned(name) for name in STYLES if (STATIC / name).is_file()],
        }

    return set_up


def _versioned(name: str) -> str:
    """Return the address of a file of ours with its version, under which caches may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def _wants_activity() -> bool:
    return any(is_activity_type(part) for part in request.headers.get("Accept", "").split(","))


def _to_id(uri: str) -> Response:
    return Response(b"", 302, {"Location": uri, "Vary": "Accept"})


def _text(text: str) -> Response:
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = Cache.HOURS
    return response


def _named(username: str) -> str:
    """Return a name that somebody could have. Raises `NotFound` for what is none, before a database sees it."""
    if not is_username(username):
        raise NotFound
    return username


def _max_id() -> int | None:
    """Return where in a list the page begins: below this id. Raises `NotFound` for what is no id."""
    text = request.args.get("max_id", "")
    return reading.row_id(text) if text else None
