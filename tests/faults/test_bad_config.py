"""A configuration that cannot be used: one sentence that names the key and the mend, and the exit code is 2."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fediverse_kommune.cli import main

ORIGIN = 'origin = "https://social.musterstadt.example"'
NAME = 'name = "Musterstadt"'
INSTANCE = f"[instance]\n{ORIGIN}\n{NAME}\n"
TEST_NETWORK = "[federation]\nallow_http = true\n"

# What stands in the file, and what the sentence must hold: the key (or the place), then how to mend it.
MISTAKES: tuple[tuple[str, str, str], ...] = (
    ("[instance\n", "line 1", "mend the line"),
    (f"[instance]\n{ORIGIN}\n{NAME}\n{NAME}\n", "line 4", "mend the line"),
    ("", "`instance`", "config.example.toml"),
    (f"[instance]\n{ORIGIN}\n", "`name`", "config.example.toml"),
    (f"[instance]\n{NAME}\n", "`origin`", "config.example.toml"),
    (f"{INSTANCE}nmae = 1\n", "`nmae`", "config.example.toml"),
    (f"{INSTANCE}[serber]\n", "`serber`", "config.example.toml"),
    (f"[instance]\n{ORIGIN}\nname = 5\n", "$.instance.name", "config.example.toml"),
    (f"{INSTANCE}[federation]\nallow_networks = '127.0.0.0/8'\n", "$.federation.allow_networks", "config.example.toml"),
    (f"[instance]\n{NAME}\norigin = 'http://a.example'\n", "[instance] origin", "allow_http = true"),
    (f"[instance]\n{NAME}\norigin = 'ftp://a.example'\n{TEST_NETWORK}", "[instance] origin", "such as"),
    (f"[instance]\n{NAME}\norigin = 'social.musterstadt.example'\n", "[instance] origin", "such as"),
    (f"[instance]\n{NAME}\norigin = 'https://a.example/town'\n", "[instance] origin", "such as"),
    (f"[instance]\n{NAME}\norigin = 'https://[::1'\n", "[instance] origin", "such as"),
    (f"[instance]\n{NAME}\norigin = 'https://a b.example'\n", "[instance] origin", "write it like"),
    (f"[instance]\n{NAME}\norigin = 'https://127.0.0.1'\n", "[instance] origin", "write it like"),
    (f"{INSTANCE}account_domain = 'https://a.example'\n", "[instance] account_domain", "write it like"),
    (f"{INSTANCE}account_domain = ''\n", "[instance] account_domain", "write it like"),
    (f"[instance]\n{ORIGIN}\nname = ' '\n", "[instance] name", "give the town's name"),
    (f"{INSTANCE}[server]\nlisten = '8000'\n", "[server] listen", "such as"),
    (f"{INSTANCE}[server]\nlisten = '127.0.0.1:65536'\n", "[server] listen", "such as"),
    (f"{INSTANCE}[server]\nlisten = '127.0.0.1:²'\n", "[server] listen", "such as"),
    (f"{INSTANCE}[database]\nurl = 'mysql://a/b'\n", "[database] url", "write it like"),
    (f"{INSTANCE}[database]\nurl = 'kommune.db'\n", "[database] url", "write it like"),
    (f"{INSTANCE}[database]\nurl = 'postgresql://host:port/b'\n", "[database] url", "write it like"),
    (f"{INSTANCE}[database]\nurl = 'sqlite://'\n", "[database] url", "write it like"),
    (f"{INSTANCE}[database]\nurl = 'sqlite:///:memory:'\n", "[database] url", "write it like"),
    (f"{INSTANCE}[database]\nurl = 'postgresql://nobody@127.0.0.1:1/b'\n", "[database] url", "check that it is there"),
    (f"{INSTANCE}[database]\nurl = 'sqlite:////dev/null/a/b.db'\n", "[database] url", "name another"),
    (f"{INSTANCE}[database]\nurl = 'sqlite:////dev'\n", "[database] url", "check that it is there"),
    (f"{INSTANCE}[media]\nimage_limit_mb = 0\n", "[media] image_limit_mb", "above 0"),
    (f"{INSTANCE}[federation]\nallow_networks = ['127.0.0.1/8']\n", "[federation] allow_networks", "write it like"),
    (f"{INSTANCE}[federation]\nmode = 'closed'\n", "$.federation.mode", "config.example.toml"),
    (f"{INSTANCE}[federation]\nmode = 'allowlist'\nsecure_mode = false\n", "[federation] secure_mode", "Remove"),
    (f"{INSTANCE}[federation]\nallow_networks = ['here']\n", "[federation] allow_networks", "write it like"),
)


@pytest.mark.parametrize(("content", "key", "mend"), MISTAKES)
def test_a_mistake_is_one_sentence_with_the_key_and_the_mend(content: str, key: str, mend: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content, encoding="utf-8")
    _is_refused(path, key, mend)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    _is_refused(tmp_path / "config.toml", str(tmp_path / "config.toml"), "copy config.example.toml")


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    _is_refused(tmp_path, f"{tmp_path} cannot be read", "give this user the right")


def test_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[instance]\nname = 'München'\n", encoding="latin-1")
    _is_refused(path, "byte 20", "save it in that encoding")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{INSTANCE}[database]\nurl = 'sqlite:///{path}'\n", encoding="utf-8")
    _is_refused(path, "[database] url", "check that")


def test_a_port_in_use_ends_the_program_itself(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        database = f"[database]\nurl = 'sqlite:///{tmp_path}/kommune.db'\n"
        path.write_text(f"{INSTANCE}[server]\nlisten = '{address}'\n{database}", encoding="utf-8")
        command = [sys.executable, "-m", "fediverse_kommune", "serve", "--config", str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 2
    assert address in ended.stderr
    assert "Choose another port" in ended.stderr
    assert ended.stderr.count("\n") == 1


def _is_refused(path: Path, key: str, mend: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--config", str(path)])
    assert result.exit_code == 2, result.exception
    said = result.stderr.splitlines()
    assert len(said) == 1, said
    assert key in said[0]
    assert mend in said[0]
