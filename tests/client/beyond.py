"""What a client does that Mastodon.py has no method for, or does without asking the address it was given.

A part of the walk (`walk.py`), over plain HTTP with `requests`, which Mastodon.py itself uses.
"""

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import requests

from tests.client import PASSWORD, forms
from tests.pictures import picture

SECONDS = 60
EVENT_SECONDS = 20.0
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = "read write follow profile"
STREAMS = (
    *("user", "user/notification", "public", "public/local", "public/remote", "direct"),
    *("hashtag?tag=fest", "hashtag/local?tag=fest", "list?list={list}"),
)


class Plain:
    """An app without a library."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self._address = address
        self.session = requests.Session()
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, *, status: int = 200, **options: Any) -> requests.Response:
        """Send a request that must be answered with this status."""
        url = self._address + path
        answer = self.session.request(method, url, timeout=SECONDS, allow_redirects=False, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer

    def json(self, method: str, path: str, **options: Any) -> Any:
        return self.ask(method, path, **options).json()

    def submit(self, page: requests.Response, fields: Mapping[str, str], *, status: int) -> requests.Response:
        """Send the first form of a page, its hidden fields with ours over them."""
        ((action, hidden), *_) = forms(page.text)
        return self.ask("POST", html.unescape(action), status=status, data={**hidden, **fields})


def on_our_own(address: str, tokens: Mapping[str, str], streams_open: Callable[[], int]) -> None:
    """Do everything that the library cannot. `streams_open` counts the open streams of the town."""
    anna, bert = Plain(address, tokens["anna"]), Plain(address, tokens["bert"])
    _texts(anna)
    _posts(address, anna)
    _filters(anna)
    _people(anna, bert)
    _conversations(anna, bert)
    with _logged_in(address) as (app, token):
        assert app.json("GET", "/oauth/userinfo")["preferred_username"] == "anna"
        _streams(address, app, token, streams_open)
    assert Plain(address).ask("GET", "/api/v1/streaming/health").text == "OK"


def _texts(anna: Plain) -> None:
    assert "Rathaus" in anna.json("GET", "/api/v1/instance/privacy_policy")["content"]
    terms = anna.json("GET", "/api/v1/instance/terms_of_service")
    assert anna.json("GET", f"/api/v1/instance/terms_of_service/{terms['effective_date']}") == terms
    year = anna.json("GET", "/api/v1/annual_reports/2025")
    assert year == {"annual_reports": [], "accounts": [], "statuses": []}
    assert isinstance(anna.json("GET", "/api/v1/trends"), list)
    assert isinstance(anna.json("GET", "/api/v1/peers/search?q=fern"), list)
    assert {"code": "de", "name": "German"} in anna.json("GET", "/api/v1/instance/languages")


def _posts(address: str, anna: Plain) -> None:
    file = {"file": ("baum.png", picture("PNG", (30, 20)), "image/png")}
    media = anna.json("POST", "/api/v1/media", files=file)
    assert media["type"] == "image"
    anna.json("DELETE", f"/api/v1/media/{media['id']}")
    status = anna.json("POST", "/api/v1/statuses", json={"status": "Zum Einbetten"})
    shown = Plain(address).json("GET", "/api/oembed", params={"url": status["url"]})
    assert shown["author_name"] == "Anna"


def _filters(anna: Plain) -> None:
    made = anna.json("POST", "/api/v2/filters", json={"title": "Fußball", "context": ["home"]})
    keyword = anna.json("POST", f"/api/v2/filters/{made['id']}/keywords", json={"keyword": "Tor"})
    path = f"/api/v2/filters/keywords/{keyword['id']}"
    assert anna.json("GET", path) == keyword
    assert anna.json("PUT", path, json={"keyword": "Halbzeit"})["keyword"] == "Halbzeit"
    anna.json("DELETE", f"/api/v2/filters/{made['id']}")


def _people(anna: Plain, bert: Plain) -> None:
    b = bert.json("GET", "/api/v1/accounts/verify_credentials")["id"]
    anna.json("POST", f"/api/v1/accounts/{b}/follow")
    anna.json("POST", f"/api/v1/accounts/{b}/endorse")
    a = anna.json("GET", "/api/v1/accounts/verify_credentials")["id"]
    assert [one["id"] for one in bert.json("GET", f"/api/v1/accounts/{a}/endorsements")] == [b]
    assert anna.json("GET", f"/api/v1/accounts/{b}/identity_proofs") == []
    cost = anna.json("GET", "/api/v1/domain_blocks/preview?domain=fern.example")
    assert cost == {"following_count": 0, "followers_count": 0}


def _conversations(anna: Plain, bert: Plain) -> None:
    anna.json("POST", "/api/v1/statuses", json={"status": "@bert noch etwas", "visibility": "direct"})
    assert "noch etwas" in bert.json("GET", "/api/v1/timelines/direct")[0]["content"]
    newest = bert.json("GET", "/api/v1/conversations")[0]
    path = f"/api/v1/conversations/{newest['id']}"
    assert bert.json("POST", f"{path}/read")["unread"] is False
    assert bert.json("POST", f"{path}/unread")["unread"] is True
    assert bert.json("DELETE", path) == {}


@contextmanager
def _logged_in(address: str) -> Iterator[tuple[Plain, dict[str, str]]]:
    """Lend an app that somebody let in by hand: the login, the consent, and the code that is carried over."""
    browser = Plain(address)
    app = browser.json(
        "POST", "/api/v1/apps", json={"client_name": "Hand", "redirect_uris": OUT_OF_BAND, "scopes": SCOPES}
    )
    client = {name: app[name] for name in ("client_id", "client_secret")}
    asked = {"client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "response_type": "code", "scope": SCOPES}
    browser.submit(browser.ask("GET", "/login"), {"username": "anna@post.example", "password": PASSWORD}, status=303)
    consent = browser.ask("GET", f"/oauth/authorize?{urlencode(asked)}")
    answer = browser.submit(consent, {"decision": "allow"}, status=200)
    code = re.search(r"<code[^>]*>([^<]+)</code>", answer.text)
    assert code is not None, answer.text
    grant = {"grant_type": "authorization_code", "code": code[1], "redirect_uri": OUT_OF_BAND}
    token = browser.json("POST", "/oauth/token", data=client | grant)["access_token"]
    yield Plain(address, token), {**client, "token": token}


def _streams(address: str, app: Plain, token: Mapping[str, str], streams_open: Callable[[], int]) -> None:
    """Open every stream, revoke the token, and read each to its end: no stream outlives what opened it."""
    chosen = app.json("POST", "/api/v1/lists", json={"title": "Zum Hören"})
    paths = [f"/api/v1/streaming/{stream.format(list=chosen['id'])}" for stream in STREAMS]
    with ThreadPoolExecutor(len(paths)) as listeners:
        heard = [listeners.submit(_listen, address, path, token["token"]) for path in paths]
        until(lambda: streams_open() == len(paths))
        Plain(address).json("POST", "/oauth/revoke", data=dict(token))
        for answer in heard:
            assert answer.result(timeout=SECONDS).startswith(":)\n")
    app.ask("GET", "/api/v1/timelines/home", status=401)


def _listen(address: str, path: str, token: str) -> str:
    answer = Plain(address, token).ask("GET", path)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    return answer.text


def until(condition: Callable[[], Any]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + EVENT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)
