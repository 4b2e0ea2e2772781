"""Rules find views and write no addresses."""

import pytest
from quart import Quart, Response

from fediverse_kommune.route_rule import RouteRule


class App(Quart):
    url_rule_class = RouteRule


async def test_a_view_is_found_with_its_arguments_and_no_address_is_written() -> None:
    app = App(__name__, static_folder=None)

    @app.get("/a/<int:number>/<path:rest>")
    async def view(number: int, rest: str) -> Response:
        return Response(f"{number} {rest}")

    assert await (await app.test_client().get("/a/7/b/c")).get_data(as_text=True) == "7 b/c"
    assert (await app.test_client().get("/a/x/b")).status_code == 404
    async with app.test_request_context("/"):
        with pytest.raises(NotImplementedError, match="name the address"):
            app.url_for("view", number=7, rest="b")
