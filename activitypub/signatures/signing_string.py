"""The bytes that a draft-cavage signature signs (section 2.3), built by `httpsig.utils.generate_message`.

Of httpsig we take this one function. Its parser of the Signature header forgives what row B06 forbids (junk
between parameters, repeated ones, open quotes), and its RSA is five times slower than that of `cryptography`.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module

REQUEST_TARGET = "(request-target)"
CREATED = "(created)"
EXPIRES = "(expires)"


def signing_string(covered: Sequence[str], fields: Mapping[str, str], method: str, target: str) -> bytes:
    """Return one line for each covered component, in the order of `covered`, without a newline at the end.

    `covered` holds lower-case names, at least one. `fields` has the value of each but (request-target): of
    headers, and of (created) and (expires) as decimal text. `target` is path and query of the request. All of
    it has to be printable ASCII, which callers check: a newline in a value could pose as another component.
    """
    httpsig = import_module("activitypub.signatures.httpsig_alone")
    signed: bytes = httpsig.generate_message(covered, fields, fields.get("host"), method, target)
    return signed
