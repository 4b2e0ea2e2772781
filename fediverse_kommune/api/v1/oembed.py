"""https://docs.joinmastodon.org/methods/oembed/ and https://oembed.com/

What other sites put into their pages is the text of a post with a link to it: no frame, no script, nothing that would
call home from the pages of others.
"""

import re
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from activitypub.access import readable_by
from activitypub.documents import timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Status
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.status import content
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes
from fediverse_kommune.services.refusals import NotFound

routes = Routes()

WIDTH = 400
WIDEST = 2_000
CACHE_SECONDS = 86_400

_STATUS_PATH = re.compile(r"/(?:@[\w.-]{1,200}|users/[\w.-]{1,200}/statuses)/(\d{1,19})/?")


@routes.get("/api/oembed", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def show(call: Call) -> Entity:
    """Return how other sites can show an open post of ours, by its address."""
    params, instance = call.params, call.server.instance
    width = max(1, min(params.integer("maxwidth") or WIDTH, WIDEST))
    status = await call.read(_find, instance, params.required("url"))
    author = status.actor
    name = author.name or author.username
    return {
        "type": "rich",
        "version": "1.0",
        "title": f"{name} (@{author.username}@{instance.account_domain})",
        "author_name": name,
        "author_url": author.url or author.uri,
        "provider_name": instance.name,
        "provider_url": instance.origin + "/",
        "cache_age": CACHE_SECONDS,
        "html": _html(status, name),
        "width": width,
        "height": None,
    }


def _find(session: Session, instance: LocalInstance, url: str) -> Status:
    """Return an open post of ours by its address or id. Raises `NotFound`."""
    path = url.partition("#")[0].partition("?")[0].removeprefix(instance.origin)
    match = _STATUS_PATH.fullmatch(path)
    if match is None or not url.startswith(instance.origin + "/") or int(match[1]) >= 2**63:
        raise NotFound
    status = session.scalar(
        select(Status)
        .where(Status.id == int(match[1]), Status.local, readable_by(None))
        .options(joinedload(Status.actor))
    )
    if status is None or path.rstrip("/") not in {
        address.removeprefix(instance.origin) for address in (status.url or "", status.uri)
    }:
        raise NotFound
    return status


def _html(status: Status, name: str) -> str:
    """Return the post as a quotation. Its text has passed the sanitiser; a warning stands for what it warns of."""
    url = escape(status.url or status.uri)
    language = f' lang="{escape(status.language)}"' if status.language else ""
    text = f"<p>{escape(status.summary)}</p>" if status.summary else content(status.title, str(status.content))
    when = timestamp(status.published_at)
    return (
        f'<blockquote cite="{url}"{language}>{text}</blockquote>'
        f'<p><a href="{url}">{escape(name)}, <time datetime="{when}">{when[:10]}</time></a></p>'
    )
