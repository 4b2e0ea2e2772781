"""Why a service does not do what was asked. The text of each is a sentence for the person who asked.

Refusal
├── NotFound    it does not exist, or this person may not know that it does (row H04)
├── Forbidden   it exists, and this person may not do that to it
├── Invalid     what was asked for makes no sense: what is missing or wrong, and how to mend it
└── Repeated    the same request is being worked on at this moment; asking again finds its result
"""


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


class Invalid(Refusal):
    """The request cannot be carried out as it is."""


class Repeated(Refusal):
    """The same request, sent twice at once, is just being carried out."""

    def __init__(self) -> None:
        super().__init__("The same request is being worked on. Please ask again.")
