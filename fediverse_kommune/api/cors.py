"""Which pages of other sites may read our answers: all of them, what needs no cookie. And JSON for every error there.

Apps in a browser (Phanpy, Elk) send their token themselves, so any origin may call the client API, and none may call
it with cookies. Pages that do know cookies, `/oauth/authorize` and `/login`, answer no other site (row J18).

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from quart import Blueprint, Response, request

from fediverse_kommune.api.errors import error_response

JSON_PREFIXES = ("/api/", "/oauth/")
SHARED = (
    *("/api/", "/oauth/token", "/oauth/revoke", "/oauth/userinfo"),
    *("/.well-known/oauth-authorization-server", "/.well-known/nodeinfo", "/nodeinfo/"),
)

ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}
EXPOSED = "Link, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Mastodon-Async-Refresh"


def install(blueprint: Blueprint) -> None:
    """Let the app of `blueprint` answer preflights, expose what apps read, and say in JSON that a route is missing."""

    @blueprint.before_app_request
    async def answer_early() -> Response | None:
        if request.method == "OPTIONS" and request.path.startswith(SHARED):
            return Response(b"", 204, ALLOWED)
        if request.routing_exception is not None and request.path.startswith(JSON_PREFIXES):
            return error_response(request.routing_exception)
        return None

    @blueprint.after_app_request
    async def share(response: Response) -> Response:
        if request.path.startswith(SHARED):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response
