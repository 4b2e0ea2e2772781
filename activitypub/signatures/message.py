"""The HTTP request that a signature is about, as it arrived: nothing joined, renamed or tidied away."""

from msgspec import Struct


class SignedMessage(Struct, frozen=True):
    """A request with the parts that a signature can cover.

    `target` is path and query exactly as in the request line ("/inbox?a=b"). `headers` are (lower-case name,
    value) pairs in the order of arrival, one for each line, so that a header sent twice is seen twice; bytes
    above 127 are decoded as Latin-1. `body` is the raw body, before anything parses it.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def fields(self) -> dict[str, list[str]]:
        """Return the values of each header without the blanks around them, by lower-case name."""
        fields: dict[str, list[str]] = {}
        for name, value in self.headers:
            fields.setdefault(name.lower(), []).append(value.strip(" \t"))
        return fields
