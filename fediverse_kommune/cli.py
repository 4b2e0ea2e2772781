"""The command line. Each command is a few lines: read the configuration, call one function, say what came of it."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

import click
from sqlalchemy.exc import DatabaseError, OperationalError

from activitypub.unit import StorageUnavailable, Unit
from fediverse_kommune import migrations, seeds
from fediverse_kommune.app import open_studio, subscribers, utc_now
from fediverse_kommune.config import Config, ConfigError, load_config
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.demo import DemoFailed, demonstrate
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.models import Role
from fediverse_kommune.serve import serve as serve_app
from fediverse_kommune.services import emojis, house_deeds, house_rules, search_index, user_desk
from fediverse_kommune.services.accounts import NewUser
from fediverse_kommune.services.announcements import Notice
from fediverse_kommune.services.house_deeds import EmojiPicture, InstanceForm, RuleForm
from fediverse_kommune.services.passwords import hash_password
from fediverse_kommune.services.refusals import Refusal
from fediverse_kommune.services.staff import COMMAND_LINE, carry_out
from fediverse_kommune.streaming.carrier import Carrier

P = ParamSpec("P")
T = TypeVar("T")

WRONG_CONFIG = 2  # the exit code for what an administrator has to mend

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The configuration file.",
)


@click.group()
@click.option("--verbose", is_flag=True, help="Log what is done, not only what goes wrong.")
def main(*, verbose: bool) -> None:
    """Run and tend an instance of fediverse_kommune, the social network of Europe's municipalities."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


@main.command()
@config_option
def serve(config_path: Path) -> None:
    """Serve the instance: pages, apps, federation, and the workers behind them."""
    config = _load(config_path)
    _warn_of_test_network(config)
    _serve(config)


@main.command()
@config_option
def run(config_path: Path) -> None:
    """Try it out: make a configuration and a seeded town at the first start, then serve it."""
    if not config_path.exists():
        seeds.write_config(config_path)
    config = _load(config_path)
    _warn_of_test_network(config)
    logins = _write(config, seeds.plant)
    if logins:
        click.echo(seeds.describe(config, logins))
    click.echo(f"{config.instance.name}: {config.instance.origin}")
    _serve(config)


@main.command()
def demo() -> None:
    """Show two municipalities on this machine federating, step by step."""
    try:
        asyncio.run(demonstrate())
    except DemoFailed as error:
        _fail(str(error), code=1)


@main.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
@config_option
def db_upgrade(config_path: Path) -> None:
    """Bring the database to this release's schema."""
    database = _open(_load(config_path))
    changed = _upgrade(database)
    database.close()
    click.echo("The database is up to date now." if changed else "The database was up to date.")


@db.command("reindex")
@config_option
def db_reindex(config_path: Path) -> None:
    """Make the index of full-text search anew, from the posts that are there. The server may run meanwhile."""
    database = _open(_load(config_path))
    _upgrade(database)
    try:
        count = asyncio.run(search_index.rebuild(database))
    except StorageUnavailable as error:
        _fail(f"[database] url: the database cannot take this now ({error}).", code=1)
    finally:
        database.close()
    click.echo(f"{count} posts can be found.")


@main.group()
def user() -> None:
    """Look after the people who can log in."""


@user.command("create")
@config_option
@click.argument("name")
@click.option("--email", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.USER.value, show_default=True)
@click.option("--confirmed", is_flag=True, help="The address is known to be theirs; no mail is sent.")
def user_create(config_path: Path, name: str, email: str, password: str, role: str, *, confirmed: bool) -> None:
    """Create a person who can log in as NAME."""
    config = _load(config_path)
    new = NewUser(name, email, hash_password(password), role=Role(role), confirmed=confirmed)
    _write(config, carry_out, COMMAND_LINE, user_desk.create_person, new)
    click.echo(f"{name} can log in at {config.instance.origin}/login")


@main.group()
def token() -> None:
    """Look after access tokens."""


@token.command("create")
@config_option
@click.argument("name")
@click.option("--scopes", default="read write follow push", show_default=True)
def token_create(config_path: Path, name: str, scopes: str) -> None:
    """Print an access token with which an app acts as NAME, and nothing else."""
    click.echo(_write(_load(config_path), carry_out, COMMAND_LINE, user_desk.create_token, name, scopes))


@main.group()
def emoji() -> None:
    """Look after the instance's own emoji."""


@emoji.command("add")
@config_option
@click.argument("shortcode")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--category", help="The heading under which apps show it.")
def emoji_add(config_path: Path, shortcode: str, file: Path, category: str | None) -> None:
    """Offer the picture FILE as :SHORTCODE:, in place of one with the same name."""
    config = _load(config_path)
    studio = open_studio(config)
    try:
        emojis.check_shortcode(shortcode)
        drawn = asyncio.run(studio.draw_file(file, Purpose.EMOJI))
    except Refusal as refusal:
        _fail(refusal.message, code=1)
    picture = EmojiPicture(drawn.key, drawn.thumbnail_key or drawn.key, category)
    former = _write(config, carry_out, COMMAND_LINE, house_deeds.offer_emoji, shortcode, picture)
    asyncio.run(studio.remove(*former))
    click.echo(f"People can write :{shortcode}: now. Apps show it within minutes.")


@emoji.command("remove")
@config_option
@click.argument("shortcode")
def emoji_remove(config_path: Path, shortcode: str) -> None:
    """Offer :SHORTCODE: no longer. Posts that use it show its name."""
    config = _load(config_path)
    former = _write(config, carry_out, COMMAND_LINE, house_deeds.withdraw_emoji, shortcode)
    asyncio.run(open_studio(config).remove(*former))
    click.echo(f":{shortcode}: is gone.")


@emoji.command("list")
@config_option
def emoji_list(config_path: Path) -> None:
    """Print the shortcodes, each with its category."""
    for row in _write(_load(config_path), emojis.all_emojis):
        click.echo(f":{row.shortcode}:\t{row.category or ''}".rstrip())


@main.group()
def announcement() -> None:
    """Look after the notices that everybody here sees."""


@announcement.command("create")
@config_option
@click.argument("text")
@click.option("--starts", type=click.DateTime(), help="When what it is about begins (UTC).")
@click.option("--ends", type=click.DateTime(), help="When it is over (UTC); the notice goes then.")
@click.option("--all-day", is_flag=True, help="Days are meant, not hours.")
def announcement_create(
    config_path: Path, text: str, starts: datetime | None, ends: datetime | None, *, all_day: bool
) -> None:
    """Show TEXT to everybody from now on, and print its number."""
    notice = Notice(text, _in_utc(starts), _in_utc(ends), all_day)
    click.echo(_write(_load(config_path), carry_out, COMMAND_LINE, house_deeds.publish_notice, notice).id)


@announcement.command("remove")
@config_option
@click.argument("number", type=int)
def announcement_remove(config_path: Path, number: int) -> None:
    """Take the notice with this number away."""
    _write(_load(config_path), carry_out, COMMAND_LINE, house_deeds.remove_notice, number)


@main.group()
def rule() -> None:
    """Look after the rules that people agree to."""


@rule.command("add")
@config_option
@click.argument("text")
@click.option("--hint", default="", help="What the rule means, in a sentence more.")
def rule_add(config_path: Path, text: str, hint: str) -> None:
    """Let the rule TEXT hold from now on, and print its number."""
    row = _write(_load(config_path), carry_out, COMMAND_LINE, house_deeds.create_rule, RuleForm(text, hint))
    click.echo(row.id)


@rule.command("withdraw")
@config_option
@click.argument("number", type=int)
def rule_withdraw(config_path: Path, number: int) -> None:
    """Let the rule with this number hold no longer."""
    _write(_load(config_path), carry_out, COMMAND_LINE, house_deeds.withdraw_rule, number)


@main.group()
def text() -> None:
    """Look after the texts that visitors read: privacy policy, description, terms. Markdown."""


@text.command("write")
@config_option
@click.argument("name", type=click.Choice(house_rules.TEXTS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def text_write(config_path: Path, name: str, file: Path) -> None:
    """Publish FILE as the text NAME, in place of the one before."""
    content = file.read_text(encoding="utf-8")
    is_policy = name == house_rules.PRIVACY_POLICY
    form = InstanceForm(privacy_policy=content) if is_policy else InstanceForm(extended_description=content)
    _write(_load(config_path), carry_out, COMMAND_LINE, house_deeds.write_texts, form)


@text.command("terms")
@config_option
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def text_terms(config_path: Path, day: datetime, file: Path) -> None:
    """Let FILE be the terms of service from DAY on."""
    form = InstanceForm(terms=file.read_text(encoding="utf-8"), terms_from=day.date())
    _write(_load(config_path), carry_out, COMMAND_LINE, house_deeds.write_texts, form)


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)


def _load(path: Path) -> Config:
    try:
        return load_config(path)
    except ConfigError as error:
        _fail(str(error), code=WRONG_CONFIG)


def _serve(config: Config) -> None:
    """Serve, once the database is there and up to date: what is wrong with it is said before anything listens."""
    database = _open(config)
    _upgrade(database)
    database.close()
    try:
        serve_app(config)
    except OSError as error:
        _fail(
            f"[server] listen = {config.server.listen!r} cannot be used: {error.strerror}."
            " Choose another port, or stop what listens there.",
            code=WRONG_CONFIG,
        )


def _open(config: Config) -> Database:
    """Open the database of a command that runs beside the server; a SQLite folder is made if it is missing."""
    database = Database(config.database.url, UnitSetting(utc_now, config.local_instance(), subscribers(Carrier())))
    if database.url.get_backend_name() == "sqlite" and database.url.database:
        folder = Path(database.url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _fail(f"[database] url: {folder} cannot be made ({error.strerror}): name another.", code=WRONG_CONFIG)
    return database


def _upgrade(database: Database) -> bool:
    try:
        return migrations.upgrade(database.engine)
    except DatabaseError as error:
        # The bare class is what SQLite says of a file that is none of its own; the other kinds are our own faults.
        if type(error) not in {OperationalError, DatabaseError}:
            raise
        reason = str(error.orig).strip().partition("\n")[0]
        _fail(
            f"[database] url: the database cannot be used ({reason}): check that it is there and that this user may"
            " write to it.",
            code=WRONG_CONFIG,
        )


def _write(config: Config, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Bring the schema up to date, run one unit of work, and return its result."""
    database = _open(config)
    _upgrade(database)
    try:
        return asyncio.run(database.write(work, *args, **kwargs))
    except Refusal as refusal:
        _fail(refusal.message, code=1)
    except StorageUnavailable as error:
        _fail(f"[database] url: the database cannot take this now ({error}).", code=1)
    finally:
        database.close()


def _warn_of_test_network(config: Config) -> None:
    if config.federation.allow_http or config.federation.allow_networks:
        click.echo(
            "TEST NETWORK: [federation] allow_http or allow_networks is on. Anybody can be impersonated over"
            " plain HTTP, and private addresses can be reached. Never use this with a town's real name.",
            err=True,
        )


def _fail(message: str, *, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
