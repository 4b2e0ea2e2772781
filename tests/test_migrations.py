"""The schema that the migrations make is the one that the models describe."""

from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import fediverse_kommune.models
import inbox.models
import outbox.models
from activitypub.models import Actor, Base, ProofKey
from activitypub.multikey import multikey
from activitypub.signatures.keys import load_private_key
from fediverse_kommune import migrations
from fediverse_kommune.database import driver_url, open_engine
from fediverse_kommune.migrations import steps

TABLES = (fediverse_kommune.models, inbox.models, outbox.models)


def test_models_and_migrations_agree(database_url: str) -> None:
    engine = open_engine(driver_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_described})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def _is_described(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """Leave out the full-text index and SQLite's tables behind it, which no model describes."""
    return not (kind == "table" and (name or "").startswith("search_index"))


def test_an_upgrade_that_has_nothing_to_do_does_nothing(database_url: str) -> None:
    engine = open_engine(driver_url(database_url))
    assert migrations.upgrade(engine) is False
    engine.dispose()


def test_the_newest_revision_is_the_one_that_alembic_finds(database_url: str) -> None:
    head = ScriptDirectory.from_config(steps.settings()).get_current_head()
    assert migrations.newest_revision() == head
    engine = open_engine(driver_url(database_url))
    assert migrations.current_revision(engine) == head
    engine.dispose()


def test_who_was_here_before_there_were_proofs_gets_a_key(database_url: str) -> None:
    engine, config = open_engine(driver_url(database_url)), steps.settings()
    with engine.begin() as connection, Session(connection) as session:
        config.attributes["connection"] = connection
        connection.execute(text("DROP TABLE proof_keys"))
        command.stamp(config, "0013")
        session.add_all(_actor(number, domain) for number, domain in enumerate((None, None, "nord.example")))
        session.flush()
        command.upgrade(config, "0014")
        keys = session.scalars(select(ProofKey).order_by(ProofKey.actor_id)).all()
        command.stamp(config, "head")
    engine.dispose()
    assert [key.actor_id for key in keys] == [0, 1]
    assert len({key.multibase for key in keys}) == 2
    for key in keys:
        public = load_private_key(key.private_pem).public_key()
        assert isinstance(public, Ed25519PublicKey)
        assert multikey(public) == key.multibase


def _actor(number: int, domain: str | None) -> Actor:
    uri = f"https://stadt.example/users/{number}"
    names = {"uri": uri, "handle": uri, "username": uri, "inbox_uri": uri, "host": "stadt.example", "domain": domain}
    return Actor(id=number, type="Person", created_at=datetime.now(UTC), **names)
