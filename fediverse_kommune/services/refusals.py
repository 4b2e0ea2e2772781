"""Why a service does not do what was asked. The text of each is a sentence for the person who asked.

Refusal
├── NotFound    it does not exist, or this person may not know that it does (row H04)
├── Forbidden   it exists, and this person may not do that to it
├── Invalid     what was asked for makes no sense: what is missing or wrong, and how to mend it
├── Repeated    the same request is being worked on at this moment; asking again finds its result
└── Conflict    somebody else changed the same thing at this moment; asking again is right
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct


class Refusal(Exception):
    """A service says no. Nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Refusal):
    """It does not exist for the one who asks. One text for all reasons, so that none of them shows."""

    def __init__(self, message: str = "Record not found") -> None:
        super().__init__(message)


class Forbidden(Refusal):
    """It exists, and it is not for them to do."""


class Problem(Struct, frozen=True):
    """What is wrong with one field: a code for programs and the rest of a sentence for people.

    The codes are those of https://docs.joinmastodon.org/methods/accounts/#422-unprocessable-entity
    """

    error: str
    description: str


class Invalid(Refusal):
    """The request cannot be carried out as it is; `details` says why, by field, where that is known."""

    def __init__(self, message: str, details: Mapping[str, Sequence[Problem]] | None = None) -> None:
        super().__init__(message)
        self.details = details or {}


class Findings:
    """Collects what is wrong with a form, so that all of it is said at once."""

    def __init__(self) -> None:
        self._details: dict[str, list[Problem]] = {}

    def add(self, field: str, error: str, description: str) -> None:
        """Note a problem of a field."""
        self._details.setdefault(field, []).append(Problem(error, description))

    def text(self, field: str, value: str, *, most: int, blank: bool = False) -> str:
        """Return a text on one line; note if it is too long, or blank though it must not be."""
        text = " ".join(value.split())
        if not text and not blank:
            self.add(field, "ERR_BLANK", "can't be blank")
        if len(text) > most:
            self.add(field, "ERR_TOO_LONG", f"is too long (maximum is {most} characters)")
        return text

    def settle(self) -> None:
        """Return if nothing is wrong. Raises `Invalid` with all that is."""
        if self._details:
            sentences = (
                f"{field.replace('_', ' ').capitalize()} {problem.description}"
                for field, problems in self._details.items()
                for problem in problems
            )
            raise Invalid(f"Validation failed: {', '.join(sentences)}", self._details)


class Repeated(Refusal):
    """The same request, sent twice at once, is just being carried out."""

    def __init__(self) -> None:
        super().__init__("The same request is being worked on. Please ask again.")


class Conflict(Refusal):
    """The same thing was changed by somebody else at this moment."""

    def __init__(self) -> None:
        super().__init__("Conflict during update, please try again")
