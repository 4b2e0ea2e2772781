"""Who a status is for: from `to` and `cc` to a visibility, and back. Pure.

ActivityPub addresses everything by lists of URIs; the Mastodon API has four words for it. The rule between
them is the one all servers share: the public collection in `to` means public, in `cc` unlisted; without it
the author's followers mean private, and anything else is direct.

Source: https://www.w3.org/TR/activitypub/#public-addressing and
https://docs.joinmastodon.org/spec/activitypub/
"""

from collections.abc import Sequence

from activitypub.vocabulary import AUTHENTICATED, PUBLIC, Visibility


def visibility(to: Sequence[str], cc: Sequence[str], followers_uri: str | None) -> Visibility:
    """Return the visibility that `to` and `cc` amount to.

    `followers_uri` is the followers collection of the *author*; another actor's collection opens nothing, and
    an author without one (None) can only be public, unlisted or direct. `parse.py` has already turned the
    other spellings of the public collection into `PUBLIC`.
    """
    if PUBLIC in to:
        return Visibility.PUBLIC
    if PUBLIC in cc:
        return Visibility.UNLISTED
    if followers_uri is not None and (followers_uri in to or followers_uri in cc):
        return Visibility.PRIVATE
    return Visibility.DIRECT


def is_for_the_authenticated(to: Sequence[str], cc: Sequence[str]) -> bool:
    """True for what everybody may read who says who they are, and nobody else (FEP-7502)."""
    named = {*to, *cc}
    return AUTHENTICATED in named and PUBLIC not in named


def audience(
    visibility: Visibility, *, followers_uri: str, mentioned: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return `(to, cc)` for a status of this visibility by the actor whose followers are `followers_uri`.

    `mentioned` are actor URIs, each named once however often the text names them. The inverse of
    `visibility`: reading the answer gives the visibility back. The placing of mentions is Mastodon's: in
    `cc`, except where the status is for them alone.
    """
    people = tuple(dict.fromkeys(mentioned))
    match visibility:
        case Visibility.PUBLIC:
            return (PUBLIC,), (followers_uri, *people)
        case Visibility.UNLISTED:
            return (followers_uri,), (PUBLIC, *people)
        case Visibility.PRIVATE:
            return (followers_uri,), people
        case Visibility.DIRECT:
            return people, ()
