"""Push subscriptions: where the notifications of a token go. https://docs.joinmastodon.org/methods/push/"""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from activitypub.models import new_id
from activitypub.unit import Unit
from activitypub.uris import InvalidUri, validated_url
from fediverse_kommune.models import PushPolicy, PushSubscription
from fediverse_kommune.push.encryption import checked_keys
from fediverse_kommune.services.refusals import Invalid, NotFound


class NewSubscription(Struct, frozen=True):
    """What an app wants: messages to this address, encrypted with these keys, of these kinds, from whom."""

    endpoint: str
    p256dh: str
    auth: str
    standard: bool
    alerts: Collection[str]
    policy: PushPolicy


def subscription_of(session: Session, token_id: int) -> PushSubscription:
    """Return the subscription of a token. Raises `NotFound`."""
    row = session.scalar(select(PushSubscription).where(PushSubscription.token_id == token_id))
    if row is None:
        raise NotFound
    return row


def subscribe(unit: Unit, token_id: int, new: NewSubscription) -> PushSubscription:
    """Subscribe, in place of what the token had before. Raises `Invalid` for an address or a key that cannot be one."""
    try:
        endpoint = validated_url(new.endpoint, allow_http=unit.instance.test_network)
    except InvalidUri as error:
        raise Invalid(f"endpoint is no address that messages could be sent to: {error}") from error
    try:
        keys = checked_keys(new.p256dh, new.auth)
    except ValueError as error:
        raise Invalid(str(error)) from error
    unsubscribe(unit, token_id)
    row = PushSubscription(
        id=new_id(unit.now),
        token_id=token_id,
        endpoint=endpoint,
        p256dh=keys.p256dh,
        auth=keys.auth,
        standard=new.standard,
        alerts=sorted(new.alerts),
        policy=new.policy,
        created_at=unit.now,
    )
    unit.add(row)
    unit.flush()
    return row


def change(unit: Unit, token_id: int, *, alerts: Collection[str] | None, policy: PushPolicy | None) -> PushSubscription:
    """Change what a subscription is for; what is None stays. Raises `NotFound`."""
    row = subscription_of(unit, token_id)
    if alerts is not None:
        row.alerts = sorted(alerts)
    if policy is not None:
        row.policy = policy
    unit.flush()
    return row


def unsubscribe(unit: Unit, token_id: int) -> None:
    """End the subscription of a token, if it has one, with all that was on its way."""
    unit.execute(delete(PushSubscription).where(PushSubscription.token_id == token_id))
