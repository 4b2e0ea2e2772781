"""Looking up the people whom a text names, before it is written: what `services/` cannot do, which never wait."""

import asyncio
import logging

from activitypub.fetch import FetchBudget, FetchError
from fediverse_kommune.server import Server
from fediverse_kommune.services.statuses import named_handles
from webfinger.handle import Handle

log = logging.getLogger(__name__)


async def resolve_mentions(server: Server, text: str) -> None:
    """Have everybody stored whom a text names; who cannot be found stays plain text."""
    budget = FetchBudget()
    handles = named_handles(text, server.instance)
    await asyncio.gather(*(_resolve(server, handle, budget) for handle in handles.values()))


async def _resolve(server: Server, handle: Handle, budget: FetchBudget) -> None:
    try:
        await server.resolver.handle(handle, budget)
    except FetchError as error:
        log.info("a mention stays plain text, %s is not found: %s", handle, error)
