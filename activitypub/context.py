"""What federating code needs from the outside, handed to it and never imported."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct, field

from activitypub.domain_blocks import DomainBlocks
from activitypub.http import Egress, Signer
from activitypub.instance import LocalInstance
from activitypub.signatures.forms import Form, KnownForms
from activitypub.unit import UnitsOfWork

Clock = Callable[[], datetime]


class FederationContext(Struct, frozen=True):
    """The database, the one way out, who we are, and what time it is (always aware, in UTC).

    `sign_as_instance` signs requests in the name of the instance actor: every GET we send is signed by it, in the form
    that `forms` knows of its receiver. `blocks` says from whom nothing is read.
    """

    db: UnitsOfWork
    http: Egress
    instance: LocalInstance
    clock: Clock
    sign_as_instance: Callable[[Form], Signer]
    blocks: DomainBlocks
    forms: KnownForms = field(default_factory=KnownForms)
