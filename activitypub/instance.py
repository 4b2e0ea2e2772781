"""Who we are on the network: the origin of our ids, the domain of our handles, and the shape of our URIs."""

from functools import cached_property
from urllib.parse import urlsplit

from msgspec import Struct

INSTANCE_ACTOR_PATH = "/actor"
RELAY_PATH, RELAY_NAME = "/relay", "relay"


class LocalInstance(Struct, frozen=True, dict=True):
    """This instance. `origin` is scheme and host of every id ("https://social.musterstadt.example", no slash).

    `account_domain` is the domain of the handles; it equals the host unless the domain is split (FEP-2c59).
    Both are in canonical ASCII form. `test_network` is true only for a local test fediverse over plain HTTP.
    """

    origin: str
    account_domain: str
    name: str
    secure_mode: bool = False
    # Talks only to the domains that moderators allow (`DomainAllow`).
    limited_federation: bool = False
    # Whether lists of domains that others keep may be taken over.
    takes_lists: bool = True
    # Whether there is a relay here: an actor that passes public posts on.
    relays: bool = False
    test_network: bool = False
    # Reads in the background what was there before somebody here followed an actor or opened a thread.
    backfills: bool = True

    @cached_property
    def host(self) -> str:
        """Host (and port, in a test network) of the origin."""
        return urlsplit(self.origin).netloc

    @cached_property
    def scheme(self) -> str:
        """How we are reached: "https", or "http" in a test network."""
        return urlsplit(self.origin).scheme

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Every host that means us."""
        return frozenset({self.host, self.account_domain})

    def owns(self, uri: str) -> bool:
        """True if `uri` is under our origin: such a URI is looked up here and never fetched (row A20)."""
        return uri == self.origin or uri.startswith(self.origin + "/")

    @property
    def actor_uri(self) -> str:
        """The instance actor (FEP-d556, FEP-2677): it signs our requests."""
        return self.origin + INSTANCE_ACTOR_PATH

    @property
    def relay_uri(self) -> str:
        """The actor that passes public posts on, where there is one (FEP-ae0c)."""
        return self.origin + RELAY_PATH

    @property
    def actor_username(self) -> str:
        """What the instance actor is called: like the host, but without the port, which no name could hold."""
        return self.host.partition(":")[0]

    @property
    def shared_inbox_uri(self) -> str:
        """One inbox for everyone here."""
        return f"{self.origin}/inbox"

    def user_uri(self, username: str) -> str:
        """The id of a local actor; its collections and statuses stand below it."""
        return f"{self.origin}/users/{username}"

    def profile_url(self, username: str) -> str:
        """The page people read about a local actor."""
        return f"{self.origin}/@{username}"

    def status_uri(self, username: str, status_id: int) -> str:
        """The id of a local status."""
        return f"{self.user_uri(username)}/statuses/{status_id}"

    def status_url(self, username: str, status_id: int) -> str:
        """The page people read of a local status."""
        return f"{self.profile_url(username)}/{status_id}"

    def collection_uri(self, username: str, collection_id: int) -> str:
        """The id of a collection of actors that a local actor made."""
        return f"{self.user_uri(username)}/collections/{collection_id}"

    def activity_uri(self, actor_uri: str, kind: str, activity_id: int) -> str:
        """The id of an activity of a local actor, such as …/users/anna#follow/1 — a name, not a page."""
        return f"{actor_uri}#{kind}/{activity_id}"

    def quote_stamp_uri(self, actor_uri: str, quote_id: int) -> str:
        """The id of the QuoteAuthorization by which a local actor allows a quote."""
        return f"{actor_uri}/quote_authorizations/{quote_id}"

    def authorization_uri(self, actor_uri: str, request_id: int) -> str:
        """The id of what says that a local actor lets somebody like, answer or announce a status."""
        return f"{actor_uri}/authorizations/{request_id}"

    def feature_uri(self, actor_uri: str, item_id: int) -> str:
        """The id of what says that a local actor agrees to be shown in a collection."""
        return f"{actor_uri}/feature_authorizations/{item_id}"

    def tag_url(self, tag: str) -> str:
        """The page of a hashtag, given without #."""
        return f"{self.origin}/tags/{tag}"
