"""K08: what staff did is written in the same transaction, each line seals the one before, and none can be changed."""

import ast
import asyncio
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import AuditEntry, Role, User
from fediverse_kommune.services import audit
from tests.client import Client, app_of, officer_of
from tests.pictures import picture
from tests.routes.test_staff_commands import run
from tests.town import Town

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "ein langes Passwort"


def written(session: Session) -> list[tuple[str, str, str]]:
    return [(line.officer, line.action, line.target) for line in audit.lines(session)]


async def some_lines(stadt: Town, count: int = 3) -> Client:
    """Let somebody do something several times."""
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    for number in range(count):
        await officer.post("/api/v1/admin/domain_blocks", data={"domain": f"boese{number}.example"})
    return officer


# -------------------------------------------------------------------------------------------- what is written


async def test_k08_each_command_leaves_a_line(
    stadt: Town, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bild.png").write_bytes(picture("PNG", (8, 8)))

    async def command(*words: str) -> str:
        result = await run(stadt, database_url, tmp_path, *words)
        assert result.exit_code == 0, result.output
        return result.output.strip()

    account = ("--email", "anna@post.example", "--password", PASSWORD, "--role", "moderator")
    await command("user", "create", "anna", *account)
    token = await command("token", "create", "anna", "--scopes", "read")
    number = await command("announcement", "create", "Am Montag ist zu")
    await command("announcement", "remove", number)
    await command("emoji", "add", "wappen", str(tmp_path / "bild.png"), "--category", "Stadt")
    await command("emoji", "remove", "wappen")
    assert await stadt.read(written) == [
        ("", "user.create", "anna"),
        ("", "token.create", "anna"),
        ("", "announcement.create", number),
        ("", "announcement.delete", number),
        ("", "emoji.create", ":wappen:"),
        ("", "emoji.delete", ":wappen:"),
    ]
    lines = await stadt.read(audit.lines)
    assert [line.details for line in lines] == [
        {"role": "moderator", "confirmed": False},
        {"scopes": "read"},
        {"text": "Am Montag ist zu"},
        {"text": "Am Montag ist zu"},
        {"category": "Stadt", "replaces": False},
        {},
    ]
    assert not any(secret in str(line.details) for line in lines for secret in (token, PASSWORD, "post.example"))
    shown = await command("log", "show", "--after", "4")
    assert [line.split("\t")[2:5] for line in shown.splitlines()] == [
        ["-", "emoji.create", ":wappen:"],
        ["-", "emoji.delete", ":wappen:"],
    ]


async def test_k08_a_command_that_is_refused_leaves_neither_effect_nor_line(
    stadt: Town, database_url: str, tmp_path: Path
) -> None:
    await app_of(stadt, "anna")
    for words in (
        ("user", "create", "anna", "--email", "andere@post.example", "--password", PASSWORD),
        ("token", "create", "niemand"),
        ("token", "create", "anna", "--scopes", "alles"),
        ("announcement", "create", ""),
        ("announcement", "remove", "1"),
        ("emoji", "remove", "wappen"),
    ):
        assert (await run(stadt, database_url, tmp_path, *words)).exit_code == 1, words
    assert await stadt.read(written) == []
    assert await stadt.count(User) == 1


def test_k08_no_command_goes_past_the_log() -> None:
    """What a command writes it carries out as a deed; what else it hands over only reads, or plants the seeds."""
    reads = {"emojis.all_emojis", "user_desk.list_people", "_blocks", "audit.lines", "audit.first_broken"}
    for name in ("cli.py", "cli_staff.py"):
        tree = ast.parse((ROOT / "fediverse_kommune" / name).read_text())
        deeds = {
            function.name
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            and any(isinstance(node, ast.Call) and ast.unparse(node.func) == "carry_out" for node in ast.walk(function))
        }
        works = {
            ast.unparse(call.args[1])
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "_write"
        }
        assert works - deeds - reads - {"carry_out", "seeds.plant"} == set(), name


# --------------------------------------------------------------------------------------- and how it stays


async def test_k08_lines_can_be_neither_changed_nor_removed(stadt: Town, subtests: pytest.Subtests) -> None:
    await some_lines(stadt)
    before = await stadt.read(_rows)
    for what in (
        update(AuditEntry).values(target="nichts"),
        update(AuditEntry).values(officer=""),
        update(AuditEntry).where(AuditEntry.number == 1).values(number=9),
        update(AuditEntry).values(details={}),
        update(AuditEntry).values(seal="0" * 64),
        update(AuditEntry).values(user_id=None, action="x"),
        update(AuditEntry).values(user_id=select(User.id).limit(1).scalar_subquery()),
        delete(AuditEntry),
        delete(AuditEntry).where(AuditEntry.number == 3),
    ):
        with subtests.test(what=str(what)):

            def do(unit: Unit, what: object = what) -> None:
                unit.execute(what.execution_options(synchronize_session=False))  # type: ignore[attr-defined]

            with pytest.raises(DatabaseError):
                await stadt.write(do)
            assert await stadt.read(_rows) == before


async def test_k08_what_somebody_did_stays_when_they_are_gone(stadt: Town) -> None:
    officer = await some_lines(stadt)

    def go(unit: Unit) -> None:
        unit.execute(delete(User).where(User.actor_id == int(officer.id)))
        unit.execute(delete(Actor).where(Actor.id == int(officer.id)))

    await stadt.write(go)
    lines = await stadt.read(audit.lines)
    assert [(line.user_id, line.officer) for line in lines] == [(None, "vera")] * 3
    assert await stadt.read(audit.first_broken) is None


async def test_k08_the_chain_shows_what_was_changed_by_other_means(
    stadt: Town, database_url: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    await some_lines(stadt, 4)
    checked = await run(stadt, database_url, tmp_path, "log", "check")
    assert (checked.exit_code, "as it was written" in checked.output) == (0, True)
    for broken, what in (
        (2, update(AuditEntry).where(AuditEntry.number == 2).values(target="nichts")),
        (3, update(AuditEntry).where(AuditEntry.number == 3).values(officer="bert")),
        (2, update(AuditEntry).where(AuditEntry.number == 2).values(details={"severity": "noop"})),
        (3, delete(AuditEntry).where(AuditEntry.number == 3)),
        (1, delete(AuditEntry).where(AuditEntry.number == 1)),
        (5, insert(AuditEntry).from_select(_COLUMNS, _forged())),
    ):
        with subtests.test(what=str(what)):
            assert await stadt.write(_tried, what) == broken
    # Who knows how lines are sealed can forge one, and then has to forge all after it.
    forged = await stadt.read(_resealed, 2, "nichts")
    changed = update(AuditEntry).where(AuditEntry.number == 2).values(target="nichts", seal=forged)
    assert await stadt.write(_tried, changed) == 3
    assert await stadt.read(audit.first_broken) is None
    await stadt.write(_open)
    await stadt.write(_run, update(AuditEntry).where(AuditEntry.number == 2).values(target="nichts"))
    checked = await run(stadt, database_url, tmp_path, "log", "check")
    assert (checked.exit_code, "Line 2" in checked.output) == (1, True)


async def test_k08_lines_of_many_at_once_are_one_chain(stadt: Town) -> None:
    officers = [await officer_of(stadt, name, Role.ADMIN) for name in ("vera", "willi", "xenia")]
    asked = (
        officer.post("/api/v1/admin/domain_blocks", data={"domain": f"{officer.username}{number}.example"})
        for number in range(5)
        for officer in officers
    )
    await asyncio.gather(*asked)
    assert [line.number for line in await stadt.read(audit.lines)] == list(range(1, 16))
    assert await stadt.read(audit.first_broken) is None


_COLUMNS = [column.name for column in AuditEntry.__table__.columns]


def _forged() -> object:
    """A line that somebody adds who does not know how lines are sealed: the first one once more."""
    names = [AuditEntry.__table__.c[name] for name in _COLUMNS]
    changed = {"id": names[0] + 1, "number": names[_COLUMNS.index("number")] + 100}
    return select(*(changed.get(column.name, column) for column in names)).where(AuditEntry.number == 1)


def _resealed(session: Session, number: int, target: str) -> str:
    before, line, *_ = audit.lines(session, after=number - 2)
    line.target = target
    seal = audit._seal(line, before.seal)
    session.expire(line)
    return seal


def _rows(session: Session) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(select(*AuditEntry.__table__.columns))]


def _open(unit: Unit) -> None:
    """Take the database's own guard away, as somebody with its password can."""
    if unit.get_bind().dialect.name == "sqlite":
        for name in ("audit_entries_stay", "audit_entries_stay_whose_they_are", "audit_entries_remain"):
            unit.execute(text(f"DROP TRIGGER {name}"))
    else:
        unit.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))


def _run(unit: Unit, what: object) -> None:
    unit.execute(what.execution_options(synchronize_session=False))  # type: ignore[attr-defined]


def _tried(unit: Unit, what: object) -> int | None:
    """Return what the chain says of a change, and take the change back."""
    with unit.begin_nested() as attempt:
        _open(unit)
        _run(unit, what)
        unit.expire_all()
        found = audit.first_broken(unit)
        attempt.rollback()
    return found
