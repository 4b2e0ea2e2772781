"""RFC 9421, HTTP Message Signatures, as the fediverse uses them: read the two headers, sign a request.

The headers are Structured Fields (RFC 9651), which `http_sf` reads and writes; what can be covered is what Mastodon,
Fedify and others send: parts of the request line, the host, and headers as they are. Component parameters (";sf",
";req" …) and signatures beside the first are for other uses of the standard and are refused.

Sources: https://www.rfc-editor.org/rfc/rfc9421.html, RFC 9530 for Content-Digest, and
https://docs.joinmastodon.org/spec/security/#http-message-signatures
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import http_sf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from activitypub.signatures.cavage import MalformedSignature, where_to
from activitypub.signatures.keys import PrivateKey, sign_bytes

DERIVED = frozenset({"@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"})

_MAX_HEADER_CHARACTERS = 8_192
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_LABEL = "sig1"
_SIGNED = ("@method", "@target-uri", "content-digest", "content-type", "collection-synchronization")


class MessageSignature(Struct, frozen=True):
    """What Signature-Input and Signature say; nothing of it is believed yet.

    `components` are the covered ones in the order in which they were signed. `created` and `expires` are Unix times
    in seconds. `parameters` is the value of the line "@signature-params", which is signed with the others.
    """

    key_id: str
    algorithm: str | None
    components: tuple[str, ...]
    signature: bytes
    created: int
    expires: int | None
    parameters: str


def read_message_signature(signature_input: str, signature: str) -> MessageSignature:
    """Read the values of Signature-Input and Signature, which hold one signature. Raises `MalformedSignature`."""
    label, (components, parameters) = _only_member(signature_input, "Signature-Input")
    signed_label, (signed, _) = _only_member(signature, "Signature")
    if signed_label != label or not isinstance(signed, bytes) or not isinstance(components, list):
        raise MalformedSignature("Signature-Input and Signature do not hold one and the same signature")
    names = _names(components)
    return MessageSignature(
        key_id=_parameter(parameters, "keyid", str, ""),
        algorithm=_parameter(parameters, "alg", str, None),
        components=names,
        signature=signed,
        created=_parameter(parameters, "created", int, -1),
        expires=_parameter(parameters, "expires", int, None),
        parameters=_inner_list(names, parameters),
    )


def signature_base(components: Sequence[str], values: Mapping[str, str], parameters: str) -> bytes:
    """Return the bytes that are signed (section 2.5). `values` has the value of each component, in printable ASCII."""
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def derived_values(method: str, scheme: str, host: str, target: str) -> dict[str, str]:
    """Return the values of the derived components of a request (section 2.2). `target` is its path and query."""
    path, _, query = target.partition("?")
    return {
        "@method": method,
        "@target-uri": f"{scheme}://{host}{target}",
        "@authority": host,
        "@scheme": scheme,
        "@request-target": target,
        "@path": path,
        "@query": f"?{query}",
    }


def content_digest(body: bytes) -> str:
    """Return the value of Content-Digest for a body (RFC 9530 section 2)."""
    return http_sf.ser({"sha-256": hashlib.sha256(body).digest()})


def is_digest_of(value: str, body: bytes) -> bool:
    """True if a Content-Digest names a hash that we know, and all of those that we know are of this body.

    Raises `MalformedSignature` for what is no list of hashes.
    """
    known = [(name, digest) for name, (digest, _) in _dictionary(value, "Content-Digest").items() if name in _DIGESTS]
    return bool(known) and all(_DIGESTS[name](body).digest() == digest for name, digest in known)


def sign_message(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    key_id: str,
    private_key: PrivateKey,
    now: datetime,
) -> dict[str, str]:
    """Return `headers` with Host, Signature-Input, Signature and, if there is a body, Content-Digest.

    Takes and raises what `cavage.sign` does. Covered are method, address, body and, if there is one, its type.
    """
    host, target = where_to(url)
    written = {"Host": host} | ({} if body is None else {"Content-Digest": content_digest(body)})
    fields = {name.lower(): value for name, value in (*headers.items(), *written.items())}
    values = derived_values(method, urlsplit(url).scheme, host, target) | fields
    components = [name for name in _SIGNED if name in values]
    algorithm = "ed25519" if isinstance(private_key, Ed25519PrivateKey) else "rsa-v1_5-sha256"
    parameters = _inner_list(components, {"created": int(now.timestamp()), "keyid": key_id, "alg": algorithm})
    signed = sign_bytes(private_key, signature_base(components, values, parameters))
    signature = http_sf.ser({_LABEL: signed})
    return {**headers, **written, "Signature-Input": f"{_LABEL}={parameters}", "Signature": signature}


def _inner_list(names: Sequence[str], parameters: Mapping[str, Any]) -> str:
    members: Any = {_LABEL: ([(name, {}) for name in names], parameters)}
    return http_sf.ser(members).removeprefix(f"{_LABEL}=")


def _only_member(value: str, header: str) -> tuple[str, Any]:
    members = _dictionary(value, header)
    if len(members) != 1:
        raise MalformedSignature(f"{header} holds {len(members)} signatures: send one")
    return next(iter(members.items()))


def _dictionary(value: str, header: str) -> dict[str, Any]:
    """Read a header as a dictionary of Structured Fields in which nothing is written twice."""

    def refuse(key: str, _where: str) -> None:
        raise MalformedSignature(f"{header} names {key} twice")

    if len(value) > _MAX_HEADER_CHARACTERS or not value.isascii():
        raise MalformedSignature(f"{header} is longer than {_MAX_HEADER_CHARACTERS} characters, or not ASCII")
    try:
        members: Any = http_sf.parse(value.encode("ascii"), tltype="dictionary", on_duplicate_key=refuse)
    except http_sf.StructuredFieldError as error:
        raise MalformedSignature(f"{header} is no dictionary of Structured Fields") from error
    return dict(members)


def _names(components: list[Any]) -> tuple[str, ...]:
    names = tuple(name for name, parameters in components if type(name) is str and not parameters)
    if len(names) != len(components) or len(set(names)) != len(names):
        raise MalformedSignature("the covered components are not different names without parameters")
    strange = next((name for name in names if name not in DERIVED and not _FIELD_NAME.fullmatch(name)), None)
    if strange is not None:
        raise MalformedSignature(f"{strange[:40]} is no component that can be covered here")
    return names


def _parameter(parameters: Mapping[str, Any], name: str, kind: type, missing: Any) -> Any:
    value = parameters.get(name, missing)
    if value is not missing and type(value) is not kind:
        raise MalformedSignature(f"{name} is not of its type")
    return value
