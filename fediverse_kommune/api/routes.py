"""Every route of the client API, by the page of the documentation it is on."""

from quart import Blueprint

from fediverse_kommune import nodeinfo
from fediverse_kommune.api import cors
from fediverse_kommune.api.admin import ADMIN_PAGES
from fediverse_kommune.api.description.openapi import Description
from fediverse_kommune.api.oauth import token
from fediverse_kommune.api.routing import Routes
from fediverse_kommune.api.routing import blueprint as routes_blueprint
from fediverse_kommune.api.v1 import (
    account_ties,
    accounts,
    announcements,
    annual_reports,
    apps,
    async_refreshes,
    blocks,
    bookmarks,
    collections,
    conversations,
    directory,
    domain_blocks,
    events,
    export,
    favourites,
    featured_tags,
    filters,
    follow_requests,
    groups,
    instance,
    interaction_policies,
    interaction_requests,
    lists,
    markers,
    media,
    moving,
    mutes,
    notifications,
    oembed,
    polls,
    preferences,
    profile,
    push,
    quotes,
    reactions,
    registration,
    reports,
    scheduled_statuses,
    statuses,
    streaming,
    suggestions,
    tags,
    timelines,
    translations,
    trends,
)
from fediverse_kommune.api.v2 import filters as v2_filters
from fediverse_kommune.api.v2 import notifications as v2_notifications
from fediverse_kommune.api.v2 import search
from fediverse_kommune.server import Server

METHODS: tuple[Routes, ...] = (
    apps.routes,
    accounts.routes,
    account_ties.routes,
    statuses.routes,
    reactions.routes,
    polls.routes,
    events.routes,
    scheduled_statuses.routes,
    bookmarks.routes,
    favourites.routes,
    quotes.routes,
    interaction_policies.routes,
    interaction_requests.routes,
    timelines.routes,
    streaming.routes,
    trends.routes,
    translations.routes,
    oembed.routes,
    async_refreshes.routes,
    notifications.routes,
    v2_notifications.routes,
    push.routes,
    follow_requests.routes,
    groups.routes,
    blocks.routes,
    mutes.routes,
    lists.routes,
    domain_blocks.routes,
    tags.routes,
    featured_tags.routes,
    directory.routes,
    suggestions.routes,
    conversations.routes,
    media.routes,
    search.routes,
    instance.routes,
    preferences.routes,
    v2_filters.routes,
    filters.routes,
    collections.routes,
    announcements.routes,
    annual_reports.routes,
    markers.routes,
    profile.routes,
    moving.routes,
    export.routes,
    reports.routes,
    registration.routes,
    token.routes,
    nodeinfo.routes,
    *ADMIN_PAGES,
)
DESCRIPTION = Description(METHODS)
"""What all of them can be asked: it is a page itself."""

PAGES = (*METHODS, DESCRIPTION.routes)


def blueprint(server: Server) -> Blueprint:
    """Return everything that answers apps: JSON in, JSON out, also when something is wrong."""
    result = routes_blueprint("api", server, PAGES)
    cors.install(result)
    return result
