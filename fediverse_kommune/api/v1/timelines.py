"""https://docs.joinmastodon.org/methods/timelines/"""

from activitypub.hashtags import hashtag_key
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.preload import load_timeline
from fediverse_kommune.api.prepared import Build
from fediverse_kommune.api.routing import Answer, Auth, Call, Routes
from fediverse_kommune.services import timelines
from fediverse_kommune.services.previews import find_card
from fediverse_kommune.services.timelines import Lines

routes = Routes()

MORE_TAGS = 4  # further hashtags of each kind, as in Mastodon


@routes.get("/api/v1/timelines/home", scope="read:statuses", kept=True)
async def home(call: Call) -> Answer:
    """Return what those one follows posted and passed on."""
    return await _timeline(call, timelines.home, "home")


@routes.get("/api/v1/timelines/public", scope="read:statuses", auth=Auth.OPTIONAL, kept=True)
async def public(call: Call) -> Answer:
    """Return public posts of everybody this server knows of; `local` only those written here."""
    return await _timeline(call, timelines.public(call.reader.actor, _filter(call.params)), "public")


@routes.get("/api/v1/timelines/bubble", scope="read:statuses", auth=Auth.OPTIONAL, kept=True)
async def bubble(call: Call) -> Answer:
    """Return public posts from here and from the servers that are allowed by name: the timeline of the county.

    Akkoma's name for it, and what apps ask for: `bubble_timeline.pleroma.pl-api` among the versions of the API.
    """
    return await _timeline(call, timelines.county(call.reader.actor, _filter(call.params)), "public")


@routes.get("/api/v1/timelines/tag/<hashtag>", scope="read:statuses", auth=Auth.OPTIONAL, kept=True)
async def tag(call: Call, hashtag: str) -> Answer:
    """Return public posts with a hashtag."""
    more = timelines.TagFilter(
        any=_tags(call.params, "any"), all=_tags(call.params, "all"), none=_tags(call.params, "none")
    )
    key = hashtag_key(hashtag.lstrip("#"))
    return await _timeline(call, timelines.tagged(call.reader.actor, key, _filter(call.params), more), "public")


@routes.get("/api/v1/timelines/link", scope="read:statuses", auth=Auth.OPTIONAL)
async def link(call: Call) -> Answer:
    """Return public posts that show the preview of a page. 404 for a page of which none is known here."""
    card = await call.read(find_card, call.params.required("url"))
    return await _timeline(call, timelines.linking(call.reader.actor, card.id), "public")


async def _timeline(call: Call, lines: Lines | Build, context: str) -> Answer:
    """Answer with a page of a timeline; `context` is what filters call it."""
    found = await call.read(load_timeline, call.reader_of(context), lines, call.page())
    return call.listing(found.entities, found.ids)


def _filter(params: Params) -> timelines.Filter:
    return timelines.Filter(
        local=params.boolean("local") or False,
        remote=params.boolean("remote") or False,
        only_media=params.boolean("only_media") or False,
    )


def _tags(params: Params, name: str) -> list[str]:
    return [hashtag_key(tag.lstrip("#")) for tag in params.many(name) or ()][:MORE_TAGS]
