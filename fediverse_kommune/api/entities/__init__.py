"""One file per documented entity: row → JSON, pure. What a row lacks raises instead of being loaded.

https://docs.joinmastodon.org/entities/
"""

from typing import Any

Entity = dict[str, Any]
"""A JSON object of the client API."""
