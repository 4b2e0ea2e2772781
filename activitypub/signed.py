"""Sending a signed request in the form that its receiver understands."""

from collections.abc import Awaitable, Callable

from activitypub.http import Response
from activitypub.signatures.forms import Form, KnownForms
from activitypub.uris import host_of


async def in_its_form(forms: KnownForms, url: str, send: Callable[[Form], Awaitable[Response]]) -> Response:
    """Send a request, and after a 401 once more in the other form; what was understood is remembered for the host.

    Raises what `send` raises.
    """
    host = host_of(url)
    form = forms.of(host)
    answer = await send(form)
    if answer.status != 401 or not forms.is_worth_another(host):
        return answer
    second = await send(form.other)
    if second.status == 401:
        forms.refused(host)
    else:
        forms.understood(host, form.other)
    return second
