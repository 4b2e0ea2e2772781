"""The wheel is complete: installed into an empty environment, it serves outside the checkout."""

import http.client
import os
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

REPOSITORY = Path(__file__).parent.parent
READY_SECONDS = 30
PACKAGES = ("fediverse_kommune", "inbox", "outbox", "activitypub", "webfinger")

CONFIG = """
[instance]
origin = "http://127.0.0.1:{port}"
name = "Musterstadt"

[server]
listen = "127.0.0.1:{port}"

[database]
url = "sqlite:///data/kommune.db"

[media]
storage = "data/media"

[federation]
allow_http = true
allow_networks = ["127.0.0.0/8"]
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel; its dependencies are those of the tests.

    Only the folder of the dependencies is lent, not its .pth files, so nothing points back to the checkout.
    """
    environment = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    install = ["install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True)
    site_packages = next(environment.glob("lib/python*/site-packages"))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def _files_below(folder: str) -> Iterator[Path]:
    for path in (REPOSITORY / folder).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(REPOSITORY)


def _expected_files() -> set[str]:
    beside = Path("fediverse_kommune")
    return {
        *(str(path) for package in PACKAGES for path in _files_below(package)),
        *(str(beside / path) for path in _files_below("templates")),
        str(beside / "config.example.toml"),
    }


def test_the_wheel_carries_all_that_a_server_needs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert carried == _expected_files()
    assert any(name.startswith("fediverse_kommune/migrations/versions/") for name in carried)
    assert "fediverse_kommune/static/vendor/kern/kern.min.css" in carried
    assert any(name.startswith("fediverse_kommune/templates/") for name in carried)


def test_an_installed_server_answers_outside_the_checkout(programs: Path, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "config.toml").write_text(CONFIG.format(port=port))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [programs / "fediverse-kommune", "serve", "--config", "config.toml"],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        assert _status_when_ready(server, port) == 200, log.read_text()
        assert (tmp_path / "data" / "kommune.db").is_file()
    finally:
        server.send_signal(signal.SIGTERM)
        ended = server.wait(timeout=20)
    assert ended in {0, -signal.SIGTERM}, log.read_text()


def _status_when_ready(server: subprocess.Popen[bytes], port: int) -> int | None:
    """Ask for the NodeInfo index until somebody answers; None if the server ended or the time is up."""
    deadline = time.monotonic() + READY_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/.well-known/nodeinfo")
            return connection.getresponse().status
        except OSError:
            time.sleep(0.05)  # another process starts: there is nothing to await
        finally:
            connection.close()
    return None
