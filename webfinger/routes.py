"""The well-known addresses at which we answer: WebFinger (RFC 7033) and host-meta (RFC 6415)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

import msgspec
from quart import Blueprint, Response, request

from webfinger.jrd import JRD_TYPE, only_relations

Find = Callable[[str], Awaitable[Mapping[str, Any] | None]]

MAX_RESOURCE_LENGTH = 2048
XRD_TYPE = "application/xrd+xml"


def routes(find: Find, *, origin: str) -> Blueprint:
    """Return the blueprint.

    `find` gets a resource as it was asked for ("acct:anna@stadt.example", "https://stadt.example/@anna") and
    returns its JRD (`webfinger.jrd.actor_jrd`), or None if there is none here. `origin` is where this
    WebFinger answers ("https://social.stadt.example"); a split domain's own host-meta points there too.
    """
    blueprint = Blueprint("webfinger", __name__)
    template = f"{origin}/.well-known/webfinger?resource={{uri}}"

    @blueprint.get("/.well-known/webfinger")
    async def webfinger() -> Response:
        asked = request.args.getlist("resource")
        if len(asked) != 1 or not _is_resource(asked[0]):
            return _refusal(400, "Ask for exactly one resource, such as ?resource=acct:name@domain.")
        document = await find(asked[0])
        if document is None:
            return _refusal(404, "There is no such resource here.")
        relations = request.args.getlist("rel")
        return _answer(only_relations(document, relations) if relations else document, JRD_TYPE)

    @blueprint.get("/.well-known/host-meta")
    async def host_meta() -> Response:
        if request.accept_mimetypes.best_match([XRD_TYPE, "application/json"]) == "application/json":
            return _answer(_host_meta_json(template), "application/json")
        return _answer(_host_meta_xrd(template), f"{XRD_TYPE}; charset=utf-8")

    @blueprint.get("/.well-known/host-meta.json")
    async def host_meta_json() -> Response:
        return _answer(_host_meta_json(template), "application/json")

    return blueprint


def _is_resource(text: str) -> bool:
    return 0 < len(text) <= MAX_RESOURCE_LENGTH and (":" in text or "@" in text)


def _host_meta_json(template: str) -> dict[str, Any]:
    return {"links": [{"rel": "lrdd", "type": JRD_TYPE, "template": template}]}


def _host_meta_xrd(template: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="{JRD_TYPE}" template={quoteattr(template)}/>\n'
        "</XRD>\n"
    )


def _answer(content: Mapping[str, Any] | str, content_type: str) -> Response:
    """Answer so that any web page may ask, and proxies may remember it for an hour."""
    body = content if isinstance(content, str) else msgspec.json.encode(content)
    response = Response(body, content_type=content_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.vary.add("Accept")
    return response


def _refusal(status: int, sentence: str) -> Response:
    response = Response(sentence, status, content_type="text/plain; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response
