"""Mastodon.py, which we did not write and which checks the type of every answer, walks through the whole client API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from aiohttp.web import Response
from mastodon import Mastodon
from sqlalchemy import update

from activitypub.models import Actor, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Announcement, Role, User
from fediverse_kommune.services.house_rules import PRIVACY_POLICY, write_terms, write_text
from tests.client import app_of
from tests.client.walk import cast, walk
from tests.fediverse import remote
from tests.mailbox import mailbox
from tests.town import Town, town
from tests.translator import libre

PAGE = "<html lang=de><title>Straßenfest</title>"
STAFF = "read write follow push admin:read admin:write"

# What works on the side of the client alone.
CLIENT_SIDE = {
    *("clear_caches", "decode_blurhash", "filters_apply", "generate_media_edit_attributes", "get_approx_server_time"),
    *("get_pagination_info", "get_status_length", "get_supported_version", "make_poll", "pagination_iterator"),
    *("pagination_page_iterator", "persistable_login_credentials", "push_subscription_decrypt_push", "set_language"),
    *("verify_minimum_version", "get_async_refresh_info", "stream_open_websocket"),
}
# What Mastodon has removed or replaced; the library keeps it for old servers.
REMOVED = {"follows", "reports", "search_v1", "status_card"}
# What only Mastodon itself has: a look back at the year.
NOT_HERE = {"annual_report", "annual_report_generate", "annual_report_read"}
# Tested by themselves, because they need a page, a mail or a second server.
ELSEWHERE = {
    *("oauth_userinfo", "log_in", "revoke_access_token", "admin_account_approve", "admin_account_reject"),
    *("admin_account_delete", "get_async_refresh_status", "await_async_refresh"),
    *("admin_approve_trending_link", "admin_approve_trending_status", "admin_approve_trending_tag"),
    *("admin_reject_trending_link", "admin_reject_trending_status", "admin_reject_trending_tag"),
}
METHODS = {name for name in dir(Mastodon) if not name.startswith("_") and callable(getattr(Mastodon, name))}


@asynccontextmanager
async def furnished(database_url: str, folder: Path) -> AsyncIterator[tuple[Town, str]]:
    """Start a town that has everything a client may ask for, and a page on the web that one may link to."""
    async with mailbox() as box, libre() as translator, remote("nachbar.test") as web:
        words = {"registrations_open": True, "show_domain_blocks": "everybody"}
        # localhost is a name that every client can look up.
        services = {"mail": box.config, "translation": translator.config}
        async with town(database_url, folder, host="localhost", **services, **words) as stadt:
            web.documents["/fest"] = lambda: Response(text=PAGE, content_type="text/html")
            yield stadt, f"{web.origin}/fest"


async def set_up(stadt: Town) -> dict[str, str]:
    """Create everybody who takes part, and return their tokens by name."""
    tokens = {name: (await app_of(stadt, name)).token or "" for name in ("anna", "bert", "carla")}
    tokens["admin"] = (await app_of(stadt, "admin", scopes=STAFF)).token or ""

    def prepare(unit: Unit) -> None:
        admin = unit.query(Actor).filter_by(handle="admin").one()
        unit.execute(update(User).where(User.actor_id == admin.id).values(role=Role.ADMIN))
        notice = {"text": "Das Rathaus ist heute zu.", "published_at": unit.now, "updated_at": unit.now}
        unit.add(Announcement(id=new_id(unit.now), **notice))
        write_text(unit, PRIVACY_POLICY, "Was das Rathaus weiß.")
        write_terms(unit, date(2026, 1, 1), "Seid freundlich.")

    await stadt.write(prepare)
    return tokens


@pytest.mark.timeout(300)
async def test_every_method_of_mastodon_py_finds_what_it_asks_for(database_url: str, tmp_path: Path) -> None:
    async with furnished(database_url, tmp_path) as (stadt, page):
        called = await go(stadt, stadt.origin, page)
    assert called >= METHODS - CLIENT_SIDE - REMOVED - NOT_HERE - ELSEWHERE


async def go(stadt: Town, address: str, page: str) -> set[str]:
    """Lead the walk through whatever answers at an address, and return which methods were called."""
    people = cast(address, await set_up(stadt), page, lambda: len(stadt.app.server.hub))
    await asyncio.to_thread(walk, people)
    return people.called
