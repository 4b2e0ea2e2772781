"""For every route by which staff changes something: how to make what it is about, and what to send."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import select, update

from activitypub.models import Actor, Report, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import PreviewCard, Rule, User
from tests.client import Client, app_of
from tests.town import Town

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Request:
    """What to send to a route: the parts of its path, and its body."""

    names: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


Prepare = Callable[[Town, Client], Awaitable[Request]]


async def resident(town: Town, **changes: Any) -> Client:
    """Return somebody new, with these columns of actor or user set. `now` stands for the present moment."""
    person = await app_of(town, f"person{next(_numbers)}")
    await town.write(_change, int(person.id), changes)
    return person


def _change(unit: Unit, actor_id: int, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        real = unit.now if value == "now" else value
        table, key = (Actor, Actor.id) if name in Actor.__table__.c else (User, User.actor_id)
        unit.execute(update(table).where(key == actor_id).values({name: real}))


def account(**changes: Any) -> Prepare:
    async def prepare(town: Town, _officer: Client) -> Request:
        person = await resident(town, **changes)
        return Request({"account_id": person.id}, {"type": "silence", "text": "Bitte nicht"})

    return prepare


async def report(town: Town, _officer: Client) -> Request:
    reporter, target = await resident(town), await resident(town)
    report_id = await town.write(file_report, int(reporter.id), int(target.id))
    return Request({"report_id": str(report_id)}, {"category": "spam"})


def file_report(unit: Unit, actor_id: int, target_id: int) -> int:
    row = Report(
        id=new_id(unit.now),
        uri=f"https://a.example/{next(_numbers)}",
        actor_id=actor_id,
        target_id=target_id,
        created_at=unit.now,
        updated_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    return row.id


def rule_of(unit: Unit) -> int:
    row = Rule(id=new_id(unit.now), position=next(_numbers), text="Seid freundlich")
    unit.add(row)
    unit.flush()
    return row.id


async def rule(town: Town, _officer: Client) -> Request:
    return Request({"rule_id": str(await town.write(rule_of))}, {"text": "Seid sehr freundlich"})


def sent(**body: Any) -> Prepare:
    """What makes something new needs a value that was not used before, where NUMBER stands."""

    async def prepare(_town: Town, _officer: Client) -> Request:
        number = str(next(_numbers))
        return Request({}, {name: str(value).replace("NUMBER", number) for name, value in body.items()})

    return prepare


def made(path: str, name: str, **body: Any) -> Prepare:
    """What is changed or removed is made by the route beside it."""

    async def prepare(town: Town, officer: Client) -> Request:
        request = await sent(**body)(town, officer)
        row = await officer.post(path, json=dict(request.body))
        changes = {key: value for key, value in request.body.items() if key != "domain"}
        return Request({name: row["id"]}, changes)

    return prepare


async def hashtag(town: Town, _officer: Client) -> Request:
    await (await resident(town)).write("Heute ist #Fest")
    return Request({"name": "fest"}, {"usable": False})


def card_of(unit: Unit) -> int:
    domain = f"https://zeitung{next(_numbers)}.example"
    row = PreviewCard(id=new_id(unit.now), url=f"{domain}/", provider_url=domain, fetched_at=unit.now)
    unit.add(row)
    unit.flush()
    return row.id


async def page(town: Town, _officer: Client) -> Request:
    card_id = await town.write(card_of)
    card = await town.read(lambda session: session.get_one(PreviewCard, card_id))
    return Request({"link_id": str(card_id), "domain": card.provider_url.removeprefix("https://")})


async def post(town: Town, _officer: Client) -> Request:
    return Request({"status_id": (await (await resident(town)).write())["id"]})


API = "/api/v1/admin"
DOMAIN = {"domain": "dNUMBER.example", "severity": "suspend"}
NETWORK = {"ip": "2001:db8:NUMBER::/48", "severity": "sign_up_block"}

CASES: dict[tuple[str, str], Prepare] = {
    ("POST", f"{API}/accounts/<account_id>/action"): account(),
    ("POST", f"{API}/accounts/<account_id>/approve"): account(approved_at=None),
    ("POST", f"{API}/accounts/<account_id>/reject"): account(approved_at=None),
    ("POST", f"{API}/accounts/<account_id>/enable"): account(disabled_at="now"),
    ("POST", f"{API}/accounts/<account_id>/unsilence"): account(silenced_at="now"),
    ("POST", f"{API}/accounts/<account_id>/unsuspend"): account(suspended_at="now"),
    ("POST", f"{API}/accounts/<account_id>/unsensitive"): account(sensitized_at="now"),
    ("DELETE", f"{API}/accounts/<account_id>"): account(suspended_at="now"),
    ("PUT", f"{API}/reports/<report_id>"): report,
    ("POST", f"{API}/reports/<report_id>/assign_to_self"): report,
    ("POST", f"{API}/reports/<report_id>/unassign"): report,
    ("POST", f"{API}/reports/<report_id>/resolve"): report,
    ("POST", f"{API}/reports/<report_id>/reopen"): report,
    ("POST", f"{API}/domain_blocks"): sent(**DOMAIN),
    ("PUT", f"{API}/domain_blocks/<block_id>"): made(f"{API}/domain_blocks", "block_id", **DOMAIN),
    ("DELETE", f"{API}/domain_blocks/<block_id>"): made(f"{API}/domain_blocks", "block_id", **DOMAIN),
    ("POST", f"{API}/domain_allows"): sent(domain="dNUMBER.example"),
    ("DELETE", f"{API}/domain_allows/<allow_id>"): made(f"{API}/domain_allows", "allow_id", domain="dNUMBER.example"),
    ("POST", f"{API}/email_domain_blocks"): sent(domain="dNUMBER.example"),
    ("DELETE", f"{API}/email_domain_blocks/<block_id>"): made(
        f"{API}/email_domain_blocks", "block_id", domain="dNUMBER.example"
    ),
    ("POST", f"{API}/ip_blocks"): sent(**NETWORK),
    ("PUT", f"{API}/ip_blocks/<block_id>"): made(f"{API}/ip_blocks", "block_id", **NETWORK),
    ("DELETE", f"{API}/ip_blocks/<block_id>"): made(f"{API}/ip_blocks", "block_id", **NETWORK),
    ("POST", f"{API}/instance/rules"): sent(text="Regel NUMBER"),
    ("PATCH", f"{API}/instance/rules/<rule_id>"): rule,
    ("PUT", f"{API}/instance/rules/<rule_id>"): rule,
    ("DELETE", f"{API}/instance/rules/<rule_id>"): rule,
    ("PATCH", "/api/v1/instance"): sent(description="Wir sind NUMBER"),
    ("PUT", "/api/v1/instance"): sent(terms="Ab heute NUMBER"),
    **{
        ("POST", f"{API}/trends/{kind}/{verb}"): prepare
        for kind, prepare in {
            "tags/<name>": hashtag,
            "links/<link_id>": page,
            "links/publishers/<domain>": page,
            "statuses/<status_id>": post,
        }.items()
        for verb in ("approve", "reject")
    },
    ("PUT", f"{API}/tags/<name>"): hashtag,
    ("POST", f"{API}/canonical_email_blocks"): sent(email="aNUMBER@post.example"),
    ("DELETE", f"{API}/canonical_email_blocks/<block_id>"): made(
        f"{API}/canonical_email_blocks", "block_id", email="aNUMBER@post.example"
    ),
}


def filled(path: str, names: Mapping[str, str]) -> str:
    """Return a path with its parts in it; a part that is not given is a number nobody has."""
    for part in [piece[1:-1] for piece in path.split("/") if piece.startswith("<")]:
        path = path.replace(f"<{part}>", names.get(part, "1"))
    return path


def find_user(unit: Unit, actor_id: int) -> User:
    return unit.scalars(select(User).where(User.actor_id == actor_id)).one()
