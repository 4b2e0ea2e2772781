"""The methods by which moderators and administrators run the instance: one file per page of the documentation."""

from fediverse_kommune.api.admin import (
    accounts,
    canonical_email_blocks,
    dimensions,
    domain_allows,
    domain_blocks,
    email_domain_blocks,
    instance,
    ip_blocks,
    measures,
    reports,
    retention,
    tags,
    trends,
)
from fediverse_kommune.api.routing import Routes

ADMIN_PAGES: tuple[Routes, ...] = (
    accounts.routes,
    reports.routes,
    domain_blocks.routes,
    domain_allows.routes,
    email_domain_blocks.routes,
    ip_blocks.routes,
    canonical_email_blocks.routes,
    measures.routes,
    dimensions.routes,
    retention.routes,
    trends.routes,
    tags.routes,
    instance.routes,
)
