"""Whether two servers agree on who follows an actor (FEP-8fcf): what is compared is a digest of those of one server.

https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import reduce
from hashlib import sha256
from operator import xor

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from activitypub.models import Actor, Follow
from activitypub.properties import web_url
from activitypub.signatures.cavage import MalformedSignature, read_parameters

HEADER = "Collection-Synchronization"


class Synchronization(Struct, frozen=True):
    """What a server says of those of ours who follow one of its actors; `url` lists them."""

    collection: str
    url: str
    digest: str


def digest_of(uris: Iterable[str]) -> str:
    """Return the digest of a set of actors: the SHA-256 of each id, all of them joined by XOR, in hexadecimal."""
    digests = (int.from_bytes(sha256(uri.encode()).digest(), "big") for uri in set(uris))
    return f"{reduce(xor, digests, 0):064x}"


def header_of(actor_uri: str, followers_uri: str, uris: Iterable[str]) -> str:
    """Return the header that says who follows one of our actors, among those of the server it goes to."""
    return f'collectionId="{followers_uri}", url="{partial_collection(actor_uri)}", digest="{digest_of(uris)}"'


def partial_collection(actor_uri: str) -> str:
    """Return where a server can read which of its actors follow one of ours."""
    return f"{actor_uri}/followers_synchronization"


def read_header(text: str, *, allow_http: bool) -> Synchronization | None:
    """Read the header, which has the form of a signature's parameters; None if it is none."""
    try:
        said = read_parameters(text[:8_192])
    except MalformedSignature:
        return None
    collection, url = (web_url(said.get(name, ""), allow_http=allow_http) for name in ("collectionId", "url"))
    if collection is None or url is None:
        return None
    return Synchronization(collection, url, said.get("digest", "").lower())


def followers_by_host(
    session: Session, actor_ids: Collection[int], hosts: Collection[str]
) -> Mapping[tuple[int, str], Sequence[str]]:
    """Return the ids of those who follow these actors, by actor and host, in one statement."""
    found: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    rows = session.execute(
        select(Follow.followed_id, Actor.host, Actor.uri)
        .join(Actor, Actor.id == Follow.follower_id)
        .where(Follow.followed_id.in_(actor_ids), Follow.accepted_at.is_not(None))
        .where(Actor.host.in_(hosts), Actor.domain.is_not(None))
    )
    for actor_id, host, uri in rows:
        found[actor_id, host].append(uri)
    return found


def agrees(session: Session, actor_id: int, said: Synchronization) -> bool:
    """True if those of ours who follow an actor are those that its server names, or it speaks of something else."""
    own, followed = aliased(Actor), aliased(Actor)
    mine = select(followed.followers_uri).where(followed.id == actor_id)
    if session.scalar(mine) != said.collection:
        return True
    ours = (
        select(own.uri)
        .join(Follow, Follow.follower_id == own.id)
        .where(Follow.followed_id == actor_id, Follow.accepted_at.is_not(None), own.domain.is_(None))
    )
    return digest_of(session.scalars(ours)) == said.digest
