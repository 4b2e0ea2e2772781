"""Lists of domains on the command line: taken over, given away, and subscribed to."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO

import click

from activitypub.fetch import FetchError
from activitypub.unit import Unit
from fediverse_kommune.app import assemble, utc_now
from fediverse_kommune.cli import _fail, _load, _open, _upgrade, _write, config_option
from fediverse_kommune.cli_staff import main
from fediverse_kommune.config import Config
from fediverse_kommune.models import Change, DomainProposal, ListKind
from fediverse_kommune.server import Server
from fediverse_kommune.services import domain_lists, list_formats, list_subscriptions, relays
from fediverse_kommune.services.domain_lists import Plan, Step
from fediverse_kommune.services.list_formats import Parsed
from fediverse_kommune.services.refusals import Refusal
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from fediverse_kommune.streaming.carrier import Carrier
from fediverse_kommune.subscribed_lists import read_due

__all__ = ["main"]

LONG = 100  # steps, from which on a bar is shown

kind_option = click.option(
    "--kind", type=click.Choice([kind.value for kind in ListKind]), default="block", show_default=True
)


@main.group()
def federation() -> None:
    """Look after lists of the servers this town talks to."""


@federation.command("export")
@config_option
@kind_option
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def export_list(config_path: Path, kind: str, form: str) -> None:
    """Print what is blocked or allowed: as Mastodon's CSV or GoToSocial's JSON, which has suspended domains only."""
    rows = _write(_load(config_path), domain_lists.all_of, ListKind(kind))
    write = list_formats.write_csv if form == "csv" else list_formats.write_json
    click.echo(write(rows, ListKind(kind)), nl=False)


@federation.command("import")
@config_option
@click.argument("file", type=click.File(encoding="utf-8"))
@kind_option
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def import_list(config_path: Path, file: TextIO, kind: str, *, dry_run: bool, yes: bool) -> None:
    """Take over the list in FILE (CSV, JSON, or a domain a line; "-" for the standard input), all of it or nothing."""
    config = _load(config_path)
    parsed = _parsed(file)
    plan = _write(config, domain_lists.plan_import, ListKind(kind), parsed)
    _describe(plan, parsed)
    if dry_run or not plan.steps:
        return
    if not yes:
        click.confirm("Do that?", abort=True, err=True)
    with click.progressbar(
        length=len(plan.steps), label="Taking over", file=sys.stderr, hidden=len(plan.steps) < LONG
    ) as bar:
        work = domain_lists.import_list
        done = _write(config, carry_out, COMMAND_LINE, work, ListKind(kind), parsed, file.name, progress=bar.update)
    click.echo(f"{len(done.steps)} domains changed. A running server notices within five seconds.")


@federation.command("subscribe")
@config_option
@click.argument("url")
@kind_option
@click.option("--automatic", is_flag=True, help="Do what the list says without asking, unless it would cut much.")
def subscribe(config_path: Path, url: str, kind: str, *, automatic: bool) -> None:
    """Read the list at URL every day from now on, and propose what it says."""
    work = list_subscriptions.subscribe
    row = _write(_load(config_path), carry_out, COMMAND_LINE, work, ListKind(kind), url, automatic=automatic)
    click.echo(row.id)


@federation.command("unsubscribe")
@config_option
@click.argument("number", type=int)
def unsubscribe(config_path: Path, number: int) -> None:
    """Read the list with this NUMBER no longer. What it brought stays."""
    _write(_load(config_path), carry_out, COMMAND_LINE, list_subscriptions.unsubscribe, number)


@federation.command("lists")
@config_option
def show_lists(config_path: Path) -> None:
    """Print what is subscribed to: number, kind, when it was read, how many domains, address, what went wrong."""
    for row in _write(_load(config_path), list_subscriptions.all_lists):
        read_at = row.read_at.isoformat(timespec="seconds") if row.read_at else "-"
        asks = " automatic" if row.automatic else ""
        click.echo(f"{row.id}\t{row.kind}{asks}\t{read_at}\t{row.entries}\t{row.url}\t{row.last_error or ''}".rstrip())


@federation.command("read")
@config_option
def read_lists(config_path: Path) -> None:
    """Read the subscribed lists now, instead of when their day is over."""

    async def work(server: Server) -> None:
        await server.db.write(_make_due)
        await read_due(server)

    _with_server(_load(config_path), work)


@federation.command("proposals")
@config_option
def show_proposals(config_path: Path) -> None:
    """Print what waits for a decision: number, what, domain, how far, how many follows would end, by which list."""
    for url, row in _write(_load(config_path), _proposals):
        click.echo(f"{row.id}\t{row.change}\t{row.domain}\t{row.severity}\t{row.follows}\t{url}")


@federation.command("accept")
@config_option
@click.argument("numbers", type=int, nargs=-1, required=True)
def accept(config_path: Path, numbers: tuple[int, ...]) -> None:
    """Do what was proposed under these NUMBERS."""
    count = _write(_load(config_path), carry_out, COMMAND_LINE, list_subscriptions.accept, numbers)
    click.echo(f"{count} domains changed. A running server notices within five seconds.")


@federation.command("refuse")
@config_option
@click.argument("numbers", type=int, nargs=-1, required=True)
def refuse(config_path: Path, numbers: tuple[int, ...]) -> None:
    """Leave as it is what was proposed under these NUMBERS, and be asked the same no more."""
    count = _write(_load(config_path), carry_out, COMMAND_LINE, list_subscriptions.refuse, numbers)
    click.echo(f"{count} proposals refused.")


@federation.command("relay-add")
@config_option
@click.argument("address")
def relay_add(config_path: Path, address: str) -> None:
    """Ask the relay with this ADDRESS (of its actor) for what it passes on, and give it our public posts."""

    async def work(server: Server) -> None:
        await server.signer.load(server.db)
        actor = await server.resolver.actor(address)
        await server.db.write(carry_out, COMMAND_LINE, relays.subscribe, actor.uri)

    _with_server(_load(config_path), work)
    click.echo("Asked. Whether it agrees is shown by: fediverse-kommune federation relays")


@federation.command("relay-remove")
@config_option
@click.argument("address")
def relay_remove(config_path: Path, address: str) -> None:
    """Take nothing from the relay with this ADDRESS any more, and give it nothing."""
    _write(_load(config_path), carry_out, COMMAND_LINE, relays.unsubscribe, address)


@federation.command("relays")
@config_option
def show_relays(config_path: Path) -> None:
    """Print the relays that this one follows and who follows it: which way, address, since when."""
    config = _load(config_path)
    uri = config.local_instance().relay_uri
    for row in _write(config, relays.partners, uri):
        outward = row.follower.uri == uri
        since = row.accepted_at.isoformat(timespec="seconds") if row.accepted_at else "asked"
        other = row.followed if outward else row.follower
        click.echo(f"{'we follow' if outward else 'follows us'}\t{other.uri}\t{since}")


def _with_server(config: Config, work: Callable[[Server], Awaitable[None]]) -> None:
    """Do what needs the network, beside the server that runs."""
    database = _open(config)
    _upgrade(database)
    database.close()

    async def do() -> None:
        server = assemble(config, utc_now, None, Carrier())
        try:
            await work(server)
        finally:
            await server.resolver.ctx.http.close()
            server.db.close()

    try:
        asyncio.run(do())
    except (Refusal, FetchError) as error:
        _fail(str(error), code=1)


def _parsed(file: TextIO) -> Parsed:
    try:
        return list_formats.parse_list(file.read())
    except UnicodeDecodeError:
        _fail(f"{file.name} is not UTF-8: save it in that encoding.", code=1)
    except Refusal as refusal:
        _fail(refusal.message, code=1)


def _describe(plan: Plan, parsed: Parsed) -> None:
    for step in plan.steps:
        click.echo(_line(plan.kind, step))
    for fault in (*parsed.faults, *plan.left_out):
        click.echo(f"- {fault.text}\t{fault.reason}")
    changes = {change: sum(step.change is change for step in plan.steps) for change in Change}
    click.echo(
        f"{changes[Change.ADD]} new, {changes[Change.CHANGE]} changed, {plan.unchanged} as they are,"
        f" {parsed.faulty + len(plan.left_out)} left out; {plan.follows} follows end.",
        err=True,
    )


def _line(kind: ListKind, step: Step) -> str:
    sign = {Change.ADD: "+", Change.CHANGE: "~", Change.REMOVE: "x"}[step.change]
    if kind is ListKind.ALLOW:
        return f"{sign} {step.entry.domain}\tallow"
    cost = f"\t{step.follows} follows end" if step.follows else ""
    return f"{sign} {step.entry.domain}\t{step.entry.severity}{cost}"


def _make_due(unit: Unit) -> None:
    for row in list_subscriptions.all_lists(unit):
        row.next_read_at = unit.now


def _proposals(unit: Unit) -> list[tuple[str, DomainProposal]]:
    rows = list_subscriptions.all_lists(unit)
    return [(row.url, each) for row in rows for each in list_subscriptions.waiting_of(unit, row.id)]
