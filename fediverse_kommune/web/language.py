"""In which language a page speaks: what its reader chose on a page, else what the browser prefers, German first."""

from quart import Blueprint, Request, Response, request

from activitypub.instance import LocalInstance
from fediverse_kommune.catalogues import LANGUAGES

PARAMETER = COOKIE = "lang"


def page_language(request: Request) -> str:
    """Return "de" or "en": from `?lang=`, from the cookie that remembers it, or from `Accept-Language`."""
    for wish in (chosen_language(request), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    # In the reader's order, by the language alone: who asks for en-GB before de is served English.
    wishes = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])


def chosen_language(request: Request) -> str | None:
    """Return the language that this very request chooses; None if it chooses none."""
    wish = request.args.get(PARAMETER)
    return wish if wish in LANGUAGES else None


def install(routes: Blueprint, instance: LocalInstance) -> None:
    """Let a browser remember, until it is closed, which language was chosen on any page."""
    secure = instance.origin.startswith("https://")

    @routes.after_app_request
    async def remember(response: Response) -> Response:
        wish = chosen_language(request) if response.mimetype == "text/html" else None
        if wish is not None:
            response.set_cookie(COOKIE, wish, path="/", secure=secure, httponly=True, samesite="Lax")
        return response
