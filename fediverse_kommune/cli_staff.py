"""What staff does in apps, done by an administrator on the machine, with the same lines in the log."""

import json
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import DomainBlock, Severity
from activitypub.unit import Unit
from fediverse_kommune.cli import _fail, _load, _write, config_option, main, user
from fediverse_kommune.models import Role
from fediverse_kommune.services import audit, federation_policy, moderation, user_desk
from fediverse_kommune.services.federation_policy import BlockForm
from fediverse_kommune.services.moderation import Sanction
from fediverse_kommune.services.passwords import hash_password
from fediverse_kommune.services.refusals import NotFound
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out

__all__ = ["main"]


@user.command("list")
@config_option
def user_list(config_path: Path) -> None:
    """Print everybody who can log in: name, e-mail address, role, and whether they can just now."""
    for person in _write(_load(config_path), user_desk.list_people):
        click.echo(f"{person.username}\t{person.email}\t{person.role}\t{person.standing}")


@user.command("role")
@config_option
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def user_role(config_path: Path, name: str, role: str) -> None:
    """Make NAME a user, a moderator or an administrator."""

    def work(unit: Unit) -> None:
        actor = user_desk.find_account_of(unit, name)
        carry_out(unit, COMMAND_LINE, user_desk.set_role, actor.id, Role(role))

    _write(_load(config_path), work)
    click.echo(f"{name} is {role} now.")


@user.command("disable")
@config_option
@click.argument("name")
def user_disable(config_path: Path, name: str) -> None:
    """Let NAME log in no longer; what they wrote stays."""

    def work(unit: Unit) -> None:
        actor = user_desk.find_account_of(unit, name)
        carry_out(unit, COMMAND_LINE, moderation.ACTIONS["disable"], actor.id, Sanction(tells=False))

    _write(_load(config_path), work)
    click.echo(f"{name} cannot log in any more.")


@user.command("enable")
@config_option
@click.argument("name")
def user_enable(config_path: Path, name: str) -> None:
    """Let NAME log in again."""

    def work(unit: Unit) -> None:
        actor = user_desk.find_account_of(unit, name)
        carry_out(unit, COMMAND_LINE, moderation.enable, actor.id)

    _write(_load(config_path), work)
    click.echo(f"{name} can log in again.")


@user.command("password")
@config_option
@click.argument("name")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def user_password(config_path: Path, name: str, password: str) -> None:
    """Give NAME another password, and log them out of every browser and app."""
    password_hash = hash_password(password)

    def work(unit: Unit) -> None:
        actor = user_desk.find_account_of(unit, name)
        carry_out(unit, COMMAND_LINE, user_desk.set_password, actor.id, password_hash)

    _write(_load(config_path), work)
    click.echo(f"{name} has another password now.")


@main.group()
def domain() -> None:
    """Look after which servers this town talks to."""


@domain.command("block")
@config_option
@click.argument("name")
@click.option(
    "--severity",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.SUSPEND.value,
    show_default=True,
)
@click.option("--reject-media", is_flag=True, help="Show no files of this domain.")
@click.option("--reject-reports", is_flag=True, help="Take no reports from this domain.")
@click.option("--comment", default="", help="Why, for other administrators.")
def domain_block(
    config_path: Path, name: str, severity: str, comment: str, *, reject_media: bool, reject_reports: bool
) -> None:
    """Shut out NAME and everything below it."""
    form = BlockForm(Severity(severity), reject_media, reject_reports, private_comment=comment)

    def work(unit: Unit) -> None:
        carry_out(unit, COMMAND_LINE, federation_policy.block_domain, name, form)

    _write(_load(config_path), work)
    click.echo(f"{name} is shut out ({severity}). A running server notices within five seconds.")


@domain.command("unblock")
@config_option
@click.argument("name")
def domain_unblock(config_path: Path, name: str) -> None:
    """Shut NAME out no longer."""

    def work(unit: Unit) -> None:
        canonical = federation_policy.canonical_domain(name, unit.instance)
        block = unit.get(DomainBlock, canonical)
        if block is None:
            raise NotFound(f"{name} is not blocked; domains above it may be (fediverse-kommune domain list).")
        carry_out(unit, COMMAND_LINE, federation_policy.unblock_domain, block.id)

    _write(_load(config_path), work)
    click.echo(f"{name} is not shut out any more.")


@domain.command("list")
@config_option
def domain_list(config_path: Path) -> None:
    """Print which domains are shut out, how far, and why."""
    for block in _write(_load(config_path), _blocks):
        files = " no-media" if block.reject_media else ""
        reports = " no-reports" if block.reject_reports else ""
        click.echo(f"{block.domain}\t{block.severity}{files}{reports}\t{block.private_comment}")


@domain.command("allow")
@config_option
@click.argument("name")
def domain_allow(config_path: Path, name: str) -> None:
    """Talk to NAME where [federation] mode is "allowlist"."""

    def work(unit: Unit) -> None:
        carry_out(unit, COMMAND_LINE, federation_policy.allow_domain, name)

    _write(_load(config_path), work)
    click.echo(f"{name} is allowed.")


@main.group()
def log() -> None:
    """Read what staff did."""


@log.command("show")
@config_option
@click.option("--after", default=0, show_default=True, help="The number of the last line that is known already.")
def log_show(config_path: Path, after: int) -> None:
    """Print what moderators, administrators and this command did: number, time, who, what, to what, details."""
    for line in _write(_load(config_path), audit.lines, after=after):
        details = json.dumps(line.details, ensure_ascii=False)
        moment = line.created_at.isoformat(timespec="seconds")
        click.echo(f"{line.number}\t{moment}\t{line.officer or '-'}\t{line.action}\t{line.target}\t{details}")


@log.command("check")
@config_option
def log_check(config_path: Path) -> None:
    """Say whether every line is there and as it was written."""
    number = _write(_load(config_path), audit.first_broken)
    if number is not None:
        _fail(f"Line {number} of the log is missing, or was changed after it had been written.", code=1)
    click.echo("Every line is there and as it was written.")


def _blocks(session: Session) -> list[DomainBlock]:
    return list(session.scalars(select(DomainBlock).order_by(DomainBlock.domain)))
