"""What a browser is told beside a page: what the page may load and do, and who may keep it.

A page loads nothing but our own files, no script at all, and nothing from anybody else: no reader's address reaches a
third party. https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP and the HTTP Observatory's list.
"""

from quart import Blueprint, Request, Response, request

from activitypub.instance import LocalInstance
from fediverse_kommune.web.language import chosen_language

YEAR = 365 * 24 * 3600

# `data:` is for the icons inside KERN's style sheet; posts cannot contain pictures.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = ("camera", "microphone", "geolocation", "payment", "usb", "display-capture", "browsing-topics")

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in PERMISSIONS),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "private, no-store",
}

# Apps in a browser sign people in through a window that they open, and wait for it through `window.opener`.
OPENED_BY_APPS = ("/login", "/oauth/")


def install(routes: Blueprint, instance: LocalInstance) -> None:
    """Add these headers to every answer of the app; what a route says itself stays."""
    is_https = instance.origin.startswith("https://")

    @routes.after_app_request
    async def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if is_https:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
        if response.mimetype == "text/html":
            for name, value in PAGE_HEADERS.items():
                headers.setdefault(name, value)
            if not request.path.startswith(OPENED_BY_APPS):
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        elif request.endpoint == "static":
            _keep_asset(response, request)
        return response


def keep_briefly(response: Response, asked: Request, session_cookie: str) -> Response:
    """Let caches keep a page for a minute, but none that somebody who is logged in sees (rule 10, row H05).

    Nor one that sets the cookie of a language, which is for one browser only.
    """
    is_personal = session_cookie in asked.cookies or chosen_language(asked) is not None
    response.headers["Cache-Control"] = "private, no-store" if is_personal else "public, max-age=60"
    response.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return response


def _keep_asset(response: Response, asked: Request) -> None:
    """Let caches keep a file of ours: for ever under the address with its version, else for an hour."""
    if response.status_code == 200:
        kept = f"public, max-age={YEAR}, immutable" if "v" in asked.args else "public, max-age=3600"
        response.headers["Cache-Control"] = kept
