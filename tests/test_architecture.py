"""The rules of the architecture that one could break without noticing, checked on the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("fediverse_kommune", "inbox", "outbox", "activitypub", "webfinger")

# Rule 2: one egress. What opens connections, by the name under which it is imported …
CONNECTING_MODULES = (
    "aiohttp",
    "asyncio.open_connection",
    "asyncio.open_unix_connection",
    "ftplib",
    "http.client",
    "httpx",
    "pycurl",
    "requests",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
    "xmlrpc.client",
)
# … and what opens them as a method of an event loop, whatever the loop is called.
CONNECTING_METHODS = frozenset(
    {
        "create_connection",
        "create_datagram_endpoint",
        "create_unix_connection",
        "open_connection",
        "sock_connect",
    }
)
EGRESS = "activitypub/wire.py"
# Who serves needs a socket to listen on, and no more of the module than that.
SERVERS = ("fediverse_kommune/serve.py", "fediverse_kommune/demo.py")
LISTENING = frozenset(
    {
        *("socket", "socket.socket", "socket.create_server", "socket.AF_INET", "socket.AF_INET6"),
        *("socket.IPPROTO_TCP", "socket.TCP_USER_TIMEOUT"),
    }
)


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the five packages: its path from the root, and its syntax tree."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"), str(path))


def names_used(tree: ast.Module) -> Iterator[str]:
    """Every imported or dotted name, with its module in front, also those imported by a function call."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases)
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                yield from (f"{module}.{alias.name}" for alias in aliases)
            case ast.Attribute():
                yield ast.unparse(node)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module


def connecting_names(tree: ast.Module) -> list[str]:
    """The names in a module by which it could open a connection."""
    return [
        name
        for name in names_used(tree)
        if any(name == module or name.startswith(f"{module}.") for module in CONNECTING_MODULES)
        or ("." in name and name.rpartition(".")[2] in CONNECTING_METHODS)
    ]


def test_only_the_egress_opens_connections() -> None:
    openers = {path: names for path, tree in sources() if (names := set(connecting_names(tree)))}
    for server in SERVERS:
        assert openers.pop(server, set()) <= LISTENING
    assert set(openers) == {EGRESS}, openers


@pytest.mark.parametrize(
    "source",
    [
        "import aiohttp",
        "import aiohttp.client as a",
        "from aiohttp import ClientSession",
        "import httpx, json",
        "import requests",
        "import socket",
        "from socket import create_connection",
        "import http.client",
        "from http import client",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import urllib\nurllib.request.urlopen('x')",
        "from asyncio import open_connection",
        "import asyncio\nasync def f(): await asyncio.open_connection('a', 1)",
        "import asyncio as a\nasync def f(): await a.open_connection('a', 1)",
        "async def f(loop): await loop.create_connection(object, 'a', 1)",
        "def f():\n    import socket",
        "__import__('socket')",
        "import importlib\nimportlib.import_module('aiohttp')",
        "from importlib import import_module\nimport_module('http.client')",
    ],
)
def test_the_rule_sees_every_way_to_a_client(source: str) -> None:
    assert connecting_names(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "from activitypub.http import Egress",
        "from http import HTTPStatus",
        "from urllib.parse import urljoin",
        "import asyncio\nasync def f(): await asyncio.sleep(0)",
        "from fediverse_kommune.web import requests",
    ],
)
def test_the_rule_lets_the_rest_pass(source: str) -> None:
    assert not connecting_names(ast.parse(source))
