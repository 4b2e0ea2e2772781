"""How much one stranger may make us read and keep: rows E04 to E08."""

from faults.guard_tables.guard import guard

RESOLVER = "activitypub/resolver.py"
STORE = "    async def _store_status(self, remote: RemoteStatus, author: Actor, quote: QuoteClaim | None) -> Status:\n"
CRAWL = (
    STORE
    + """\
        page = remote.replies
        for _ in range(50):
            if page:
                page = (await fetch_object(self.ctx, page, FetchBudget())).get("next")
"""
)

GUARDS = (
    guard("E04", "replies are read page by page", "test_e04_endless_collections", (RESOLVER, STORE, CRAWL)),
    guard(
        "E05",
        "one activity causes any number of fetches",
        "test_e05_endless_threads",
        ("activitypub/fetch.py", "        if self.left <= 0:\n", "        if False:\n"),
    ),
    guard(
        "E06",
        "polls have any number of options",
        "test_e06_giant_polls",
        ("activitypub/caps.py", "    poll_options: int = 50 ", "    poll_options: int = 1_000_000 "),
    ),
    guard(
        "E07",
        "profiles have any number of fields",
        "test_e07_unlimited_properties",
        (
            "activitypub/parse_actor.py",
            "for name, value in pairs if name or value)[: CAPS.fields]",
            "for name, value in pairs if name or value)",
        ),
    ),
    guard(
        "E07",
        "names have any length",
        "test_e07_unlimited_properties",
        ("activitypub/caps.py", "    name_characters: int = 2_048 ", "    name_characters: int = 2_048_000 "),
    ),
    guard(
        "E07",
        "descriptions of pictures have any length",
        "test_e07_unlimited_properties",
        ("activitypub/caps.py", "    alt_characters: int = 10_000 ", "    alt_characters: int = 10_000_000 "),
    ),
    guard(
        "E08",
        "people here write any length",
        "test_e08_local_fields",
        (
            "fediverse_kommune/services/statuses.py",
            "    if typed > TYPED_CHARACTERS or text_length(text) + text_length(spoiler_text) > CHARACTERS:\n",
            "    if False:\n",
        ),
    ),
    guard(
        "E08",
        "links and handles have any length",
        "test_e08_local_fields",
        (
            "fediverse_kommune/services/statuses.py",
            "    if typed > TYPED_CHARACTERS or text_length",
            "    if text_length",
        ),
    ),
)
