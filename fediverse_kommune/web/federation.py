"""The desk of the federation: what goes on with other servers, and the limits of each. For staff only (row K01).

Moderators see it; administrators decide. To everybody else these pages do not exist. Each decision is a deed with its
line in the log, and each form proves that one of our pages sent it (row J04).
"""

from typing import Any

from quart import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from activitypub.models import DomainAllow, DomainBlock, Severity
from activitypub.unit import Unit
from fediverse_kommune.api.routing import Auth, Cache, Declaration, declared
from fediverse_kommune.models import ListKind
from fediverse_kommune.server import Server
from fediverse_kommune.services import (
    domain_lists,
    federation_desk,
    federation_policy,
    list_formats,
    list_subscriptions,
)
from fediverse_kommune.services.federation_desk import HostPage, Which
from fediverse_kommune.services.federation_policy import BlockForm
from fediverse_kommune.services.list_formats import NoList
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.staff import Officer, carry_out
from fediverse_kommune.web.chart import chart_of
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import LoggedIn, Sessions
from fediverse_kommune.web.staff_pages import DECIDES, SEES, StaffGate, go_to, number_in, officer_of, staff_page
from webfinger.host import InvalidHost, canonical_host

DESK = "/admin/federation"
LISTS = f"{DESK}/lists"
PAGE = Declaration(Auth.COOKIE, Cache.NEVER)
SEARCH = 255  # characters
FORMS = {"csv": (list_formats.write_csv, "text/csv"), "json": (list_formats.write_json, "application/json")}


def blueprint(server: Server, sessions: Sessions, guard: FormGuard) -> Blueprint:
    """Return the pages and what their forms lead to."""
    desk = Desk(server, sessions, guard)
    routes = Blueprint("federation", __name__)
    for rule, view, methods in (
        (DESK, desk.overview, ["GET"]),
        (f"{DESK}/server/<host>", desk.host, ["GET"]),
        (f"{DESK}/server/<host>", desk.decide, ["POST"]),
        (LISTS, desk.lists, ["GET"]),
        (LISTS, desk.change_lists, ["POST"]),
        (f"{LISTS}/<any(block, allow):kind>.<any(csv, json):form>", desk.export, ["GET"]),
    ):
        routes.add_url_rule(rule, view_func=view, endpoint=view.__name__, methods=methods)
    return routes


class Desk:
    """Answers the browsers of staff."""

    def __init__(self, server: Server, sessions: Sessions, guard: FormGuard) -> None:
        self._server = server
        self._db = server.db
        self._staff = StaffGate(sessions, guard).person

    @declared(PAGE)
    async def overview(self) -> Response:
        """Show the servers that we have to do with, and how deliveries fare."""
        person = await self._staff(SEES)
        if isinstance(person, Response):
            return person
        which, search = _which(), request.args.get("q", "").strip()[:SEARCH]
        after = request.args.get("after", "")[:SEARCH]
        page = await self._db.read(federation_desk.read_overview, which, _folded(search), after, self._server.clock())
        return await staff_page(
            "admin/federation.html",
            person,
            page=page,
            which=which,
            search=search,
            chart=chart_of(page.days),
            mode=self._server.config.federation.mode,
        )

    @declared(PAGE)
    async def host(self, host: str) -> Response:
        """Show what is known of one server."""
        person = await self._staff(SEES)
        if isinstance(person, Response):
            return person
        return await self._show_host(person, self._canonical(host))

    @declared(PAGE)
    async def decide(self, host: str) -> Response:
        """Do what a form of that page says about the server."""
        person = await self._staff(DECIDES, of_form=True)
        if isinstance(person, Response):
            return person
        name = self._canonical(host)
        form = await request.form
        try:
            await self._db.write(_decide, officer_of(person), name, form.get("action", ""), _block_form(form))
        except Invalid as refusal:
            return await self._show_host(person, name, refusal=refusal.message)
        return go_to(f"{DESK}/server/{name}")

    @declared(PAGE)
    async def lists(self) -> Response:
        """Show the lists of others, what they propose, and how to take one over or give ours away."""
        person = await self._staff(SEES)
        return person if isinstance(person, Response) else await self._show_lists(person)

    @declared(PAGE)
    async def change_lists(self) -> Response:
        """Do what a form of that page says."""
        person = await self._staff(DECIDES, of_form=True)
        if isinstance(person, Response):
            return person
        form = await request.form
        action = form.get("action", "")
        try:
            if action in {"preview", "import"}:
                return await self._take_over(person, _kind(form), await _given(form), sure=action == "import")
            await self._db.write(_change_lists, officer_of(person), action, form)
        except NoList as fault:
            return await self._show_lists(person, no_list=fault)
        except Invalid as refusal:
            return await self._show_lists(person, refusal=refusal.message)
        return go_to(LISTS)

    @declared(PAGE)
    async def export(self, kind: str, form: str) -> Response:
        """Give our list away as a file."""
        person = await self._staff(DECIDES)
        if isinstance(person, Response):
            return person
        write, media_type = FORMS[form]
        text = write(await self._db.read(domain_lists.all_of, ListKind(kind)), ListKind(kind))
        response = Response(text, content_type=f"{media_type}; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="domain_{kind}s.{form}"'
        response.headers["Cache-Control"] = Cache.NEVER
        return response

    async def _take_over(self, person: LoggedIn, kind: ListKind, text: str, *, sure: bool) -> Response:
        """Show what a list would change; when that was seen, do it. Raises `Invalid`, and `NoList`."""
        parsed = list_formats.parse_list(text)
        if not parsed.entries:
            first = parsed.faults[0] if parsed.faults else None
            raise NoList("nothing", "No line of the list names a domain.", first.place if first else 0)
        if sure:
            await self._db.write(carry_out, officer_of(person), domain_lists.import_list, kind, parsed, "a file")
            return go_to(LISTS)
        plan = await self._db.write(domain_lists.plan_import, kind, parsed)
        return await staff_page("admin/import.html", person, plan=plan, parsed=parsed, text=text, kind=kind)

    async def _show_host(self, person: LoggedIn, host: str, refusal: str = "") -> Response:
        page: HostPage = await self._db.read(federation_desk.read_host, host, self._server.clock())
        return await staff_page(
            "admin/host.html",
            person,
            page=page,
            chart=chart_of(page.days),
            mode=self._server.config.federation.mode,
            refusal=refusal,
        )

    async def _show_lists(self, person: LoggedIn, refusal: str = "", no_list: NoList | None = None) -> Response:
        lists = await self._db.read(list_subscriptions.all_lists)
        proposals = {row.id: await self._db.read(list_subscriptions.waiting_of, row.id) for row in lists}
        shown = await staff_page(
            "admin/lists.html",
            person,
            lists=lists,
            proposals=proposals,
            kilobytes=list_formats.FILE_BYTES // 1_000,
            no_list=no_list,
            refusal=refusal,
        )
        shown.status_code = 422 if no_list else shown.status_code
        return shown

    def _canonical(self, host: str) -> str:
        try:
            return canonical_host(host, test_network=self._server.instance.test_network)
        except InvalidHost as error:
            raise NotFound from error


def _decide(unit: Unit, officer: Officer, host: str, action: str, form: BlockForm) -> None:
    """Carry out a decision about a server. Raises `Invalid`, `NotFound` and `Forbidden`."""
    domain = federation_policy.canonical_domain(host, unit.instance)
    block, allow = unit.get(DomainBlock, domain), unit.get(DomainAllow, domain)
    if action == "limit" and block is None:
        carry_out(unit, officer, federation_policy.block_domain, domain, form)
    elif action == "limit" and block is not None:
        carry_out(unit, officer, federation_policy.update_block, block.id, form)
    elif action == "lift" and block is not None:
        carry_out(unit, officer, federation_policy.unblock_domain, block.id)
    elif action == "allow":
        carry_out(unit, officer, federation_policy.allow_domain, domain)
    elif action == "disallow" and allow is not None:
        carry_out(unit, officer, federation_policy.disallow_domain, allow.id)
    elif action not in {"lift", "disallow"}:  # somebody else was faster
        raise BadRequest


def _change_lists(unit: Unit, officer: Officer, action: str, form: Any) -> None:
    """Subscribe, unsubscribe, or decide on proposals. Raises `Invalid`, `NotFound` and `Forbidden`."""
    match action:
        case "subscribe":
            automatic = form.get("automatic") == "yes"
            carry_out(
                unit, officer, list_subscriptions.subscribe, _kind(form), form.get("url", ""), automatic=automatic
            )
        case "unsubscribe":
            carry_out(unit, officer, list_subscriptions.unsubscribe, number_in(form.get("id", "")))
        case "accept" | "refuse":
            chosen = [number_in(text) for text in form.getlist("proposal")]
            if not chosen:
                raise Invalid("Nothing was chosen.")
            decide = list_subscriptions.accept if action == "accept" else list_subscriptions.refuse
            carry_out(unit, officer, decide, chosen)
        case _:
            raise BadRequest


async def _given(form: Any) -> str:
    """Return the list of a form: a file, or what was pasted. Raises `NoList` for a file that is none."""
    file = (await request.files).get("file")
    if file is None or not file.filename:
        return str(form.get("list", ""))
    return list_formats.decode_list(file.read(list_formats.FILE_BYTES + 1))


def _block_form(form: Any) -> BlockForm:
    word = form.get("severity", "")
    return BlockForm(
        severity=Severity(word) if word in set(Severity) else None,
        reject_media=form.get("reject_media") == "yes",
        reject_reports=form.get("reject_reports") == "yes",
        private_comment=form.get("private_comment", ""),
        public_comment=form.get("public_comment", ""),
    )


def _kind(form: Any) -> ListKind:
    return ListKind.ALLOW if form.get("kind") == ListKind.ALLOW else ListKind.BLOCK


def _which() -> Which:
    word = request.args.get("which", "")
    return Which(word) if word in set(Which) else Which.ALL


def _folded(search: str) -> str:
    """Return what is looked for as hosts are stored: "bürger" is found as "xn--brger-kva"."""
    try:
        return search.lower() if search.isascii() else canonical_host(search)
    except InvalidHost:
        return search.lower()
