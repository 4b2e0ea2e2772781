"""Relays at the desk of the federation: those this town takes from, and the servers that take from its own.

Moderators see them; administrators decide (rows J04, K01 and K08).
"""

from quart import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from activitypub.fetch import FetchError
from activitypub.uris import InvalidUri, validated_url
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.catalogues import sentence
from fediverse_kommune.server import Server
from fediverse_kommune.services import relays
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import carry_out
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import LoggedIn, Sessions
from fediverse_kommune.web.staff_pages import DECIDES, SEES, StaffGate, go_to, officer_of, staff_page

PATH = "/admin/federation/relays"
PAGE = Declaration(Auth.COOKIE, Cache.NEVER)
DEEDS = {"leave": relays.unsubscribe, "accept": relays.accept, "refuse": relays.refuse}
# One for whatever is wrong there, so that nobody learns what answers inside our network (row D13).
NO_RELAY = sentence(
    "No relay could be read at this address. What is wanted is the address of its actor, often one that ends in /actor"
    " or /relay, and not the one that ends in /inbox."
)


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return the page and what its forms lead to."""
    desk = RelayDesk(server, sessions, guard)
    routes = Blueprint("relays", __name__)
    routes.add_url_rule(PATH, view_func=desk.show, endpoint="show", methods=["GET"])
    routes.add_url_rule(PATH, view_func=desk.change, endpoint="change", methods=["POST"])
    return routes


class RelayDesk:
    """Answers the browsers of staff."""

    def __init__(self, server: Server, sessions: Sessions, guard: FormGuard) -> None:
        self._server = server
        self._db = server.db
        self._staff = StaffGate(sessions, guard).person

    @declared(PAGE)
    async def show(self) -> Response:
        """Show who passes what on to whom."""
        person = await self._staff(SEES)
        return person if isinstance(person, Response) else await self._page(person)

    @declared(PAGE)
    async def change(self) -> Response:
        """Do what a form of that page says."""
        person = await self._staff(DECIDES, of_form=True)
        if isinstance(person, Response):
            return person
        form = await request.form
        action, uri = form.get("action", ""), form.get("uri", "")
        try:
            if action == "subscribe":
                await self._subscribe(person, uri)
            elif action in DEEDS:
                await self._db.write(carry_out, officer_of(person), DEEDS[action], uri)
            else:
                raise BadRequest
        except Invalid as refusal:
            return await self._page(person, refusal=refusal.message)
        except NotFound:  # somebody else was faster, or it took its request back
            pass
        return go_to(PATH)

    async def _subscribe(self, person: LoggedIn, address: str) -> None:
        """Read the actor at an address and ask it. Raises `Invalid`."""
        if not self._server.instance.relays:
            raise Invalid(relays.OFF)
        try:
            uri = validated_url(address.strip(), allow_http=self._server.instance.test_network)
            actor = await self._server.resolver.actor(uri)
            await self._db.write(carry_out, officer_of(person), relays.subscribe, actor.uri)
        except (InvalidUri, FetchError, NotFound) as error:
            raise Invalid(NO_RELAY) from error

    async def _page(self, person: LoggedIn, refusal: str = "") -> Response:
        partners = await self._db.read(relays.read_partners, self._server.instance.relay_uri)
        return await staff_page(
            "admin/relays.html",
            person,
            partners=partners,
            relay=self._server.instance.relay_uri if self._server.instance.relays else None,
            refusal=refusal,
        )
