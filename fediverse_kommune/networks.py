"""Which networks may not come in at all, kept in memory because every request asks.

https://docs.joinmastodon.org/entities/Admin_IpBlock/#severity: no_access.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from quart import Quart, Response, request, websocket
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.context import Clock
from activitypub.kept import Kept
from activitypub.unit import UnitsOfWork
from fediverse_kommune.models import IpBlock, IpBlockSeverity

Network = IPv4Network | IPv6Network
# IP version and prefix length → the networks of that size, as numbers.
Table = dict[tuple[int, int], set[int]]


class ShutOutNetworks:
    """Answers whether an address may come in."""

    def __init__(self, db: UnitsOfWork, clock: Clock) -> None:
        self._table = Kept(lambda: db.read(_read_table, clock()))

    async def holds(self, address: str | None) -> bool:
        """True for an address that nothing is answered to. What is no address (a test, a socket) may come in."""
        table = await self._table.get()
        return bool(table) and address is not None and covers(table, address)

    def forget(self) -> None:
        """Read the rules again at the next question."""
        self._table.forget()

    def install(self, app: Quart) -> None:
        """Let the app ask before it looks at anything else of a request."""

        @app.before_request
        async def shut_out() -> Response | None:
            return Response("This network may not come in.", 403) if await self._refuses(request) else None

        @app.before_websocket
        async def shut_out_socket() -> Response | None:
            return Response("This network may not come in.", 403) if await self._refuses(websocket) else None

    async def _refuses(self, asked: Any) -> bool:
        return await self.holds(asked.remote_addr)


def table_of(networks: Iterable[Network]) -> Table:
    """Return networks by version and size, so that looking one address up costs one step per size in use."""
    table: Table = defaultdict(set)
    for network in networks:
        table[network.version, network.prefixlen].add(int(network.network_address))
    return dict(table)


def covers(table: Table, address: str) -> bool:
    """True if one of the networks holds the address; an IPv4 one is found inside IPv6, too."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    bits, number = found.max_prefixlen, int(found)
    return any(
        (number >> (bits - size) << (bits - size)) in networks
        for (version, size), networks in table.items()
        if version == found.version
    )


def _read_table(session: Session, now: datetime) -> Table:
    rows = session.scalars(
        select(IpBlock.network).where(
            IpBlock.severity == IpBlockSeverity.NO_ACCESS, or_(IpBlock.expires_at.is_(None), IpBlock.expires_at > now)
        )
    )
    return table_of(ip_network(row) for row in rows)
