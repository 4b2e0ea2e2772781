"""The seeded town: there once, complete, and as its people would have made it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from activitypub.models import Actor, Announce, Follow, Like, Status
from activitypub.vocabulary import Visibility
from fediverse_kommune import seeds
from fediverse_kommune.config import load_config
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.fanout import SUBSCRIBERS
from fediverse_kommune.models import FeedEntry, Membership, Notification, Role, Standing, User
from fediverse_kommune.services.passwords import verify_password

NOW = datetime(2026, 6, 24, 12, tzinfo=UTC)


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    seeds.write_config(path)
    return path


@pytest.fixture
def database(database_url: str, config_path: Path) -> Iterator[Database]:
    instance = load_config(config_path).local_instance()
    database = Database(database_url, UnitSetting(lambda: NOW, instance, SUBSCRIBERS))
    yield database
    database.close()


def test_the_configuration_it_writes_serves_this_machine_only(config_path: Path) -> None:
    config = load_config(config_path)
    assert config.instance.origin == "http://127.0.0.1:8000"
    assert config.listen_address() == ("127.0.0.1", 8000)
    assert config.database.url == "sqlite:///data/kommune.db"
    assert config.allowed_networks()[0].is_loopback


def test_it_replaces_no_configuration(config_path: Path) -> None:
    with pytest.raises(FileExistsError):
        seeds.write_config(config_path)


async def test_everybody_can_log_in_with_the_password_shown(database: Database) -> None:
    logins = await database.write(seeds.plant)
    assert logins is not None
    assert [(login.username, login.role) for login in logins] == [
        ("sabine", Role.ADMIN),
        ("aylin", Role.USER),
        ("jonas", Role.USER),
    ]
    users = {user.email: user for user in await database.read(lambda session: session.scalars(select(User)).all())}
    assert len({login.password for login in logins}) == 3
    for login in logins:
        user = users[login.email]
        assert user.confirmed_at is not None
        assert verify_password(user.password_hash, login.password)
        assert login.password not in user.password_hash


async def test_the_second_time_it_changes_nothing(database: Database) -> None:
    await database.write(seeds.plant)
    before = await database.read(_sizes)
    assert await database.write(seeds.plant) is None
    assert await database.read(_sizes) == before


async def test_club_and_office_have_members_with_their_own_logins(database: Database) -> None:
    await database.write(seeds.plant)

    def members(session: Session) -> set[tuple[str, str, Standing]]:
        query = select(Membership).options(
            joinedload(Membership.actor), joinedload(Membership.user).joinedload(User.actor)
        )
        rows = session.scalars(query)
        return {(row.actor.type, row.user.actor.username, row.standing) for row in rows if row.actor.type != "Person"}

    assert await database.read(members) == {
        ("Organization", "sabine", Standing.OWNER),
        ("Group", "jonas", Standing.OWNER),
        ("Group", "sabine", Standing.EDITOR),
    }


async def test_posts_of_every_kind_lie_in_the_past_in_their_order(database: Database) -> None:
    await database.write(seeds.plant)
    posts = await database.read(lambda session: session.scalars(select(Status).order_by(Status.id)).all())
    assert len(posts) == len(seeds.POSTS) == 12
    assert [post.published_at for post in posts] == [seeds.written_at(post, NOW) for post in seeds.POSTS]
    assert posts == sorted(posts, key=lambda post: post.published_at)
    assert posts[-1].published_at < NOW
    assert {post.visibility for post in posts} == {Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE}
    assert [post.summary for post in posts if post.summary] == ["Das Ergebnis vom Samstag"]
    assert sum(post.in_reply_to_id is not None for post in posts) == 4
    assert sum(post.pinned_at is not None for post in posts) == 1
    assert all(post.language == "de" and post.source for post in posts)


async def test_what_happened_was_told_to_those_it_concerned(database: Database) -> None:
    await database.write(seeds.plant)
    sizes = await database.read(_sizes)
    assert sizes["actors"] == 5
    assert sizes["follows"] == sum(map(len, seeds.FOLLOWS.values()))
    assert sizes["likes"] == sum(len(post.likes) for post in seeds.POSTS)
    assert sizes["announces"] == sum(len(post.announces) for post in seeds.POSTS)
    assert sizes["feed_entries"] > 20
    assert sizes["notifications"] > 10


async def test_the_table_shows_every_login_once(database: Database, config_path: Path) -> None:
    logins = await database.write(seeds.plant)
    assert logins
    text = seeds.describe(load_config(config_path), logins)
    for login in logins:
        line = next(line for line in text.splitlines() if login.email in line)
        assert login.name in line
        assert text.count(login.password) == 1
    assert "verwaltet die Instanz, schreibt auch als @rathaus und @tsv" in text
    assert "http://127.0.0.1:8000/login" in text


def _sizes(session: Session) -> dict[str, int]:
    tables = (Actor, Follow, Like, Announce, FeedEntry, Notification, Status, User, Membership)
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
