"""The rules of the routes: they find views, and write no addresses."""

from collections.abc import Callable
from typing import Any

from quart.routing import QuartRule


class RouteRule(QuartRule):
    """A rule without the two functions that write its address from its arguments.

    Nothing here asks for them: whoever names an address knows it (`LocalInstance`). To compile them for some three
    hundred rules takes most of the time in which an app is made.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 (Werkzeug's)
        return _refuse


def _refuse(rule: RouteRule, *_: Any, **__: Any) -> tuple[str, str]:
    raise NotImplementedError(f"{rule.rule} is not written from its arguments: name the address instead of url_for")
