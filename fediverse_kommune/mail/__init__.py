"""Mail: what it says, and how it gets from its row to a mail server."""
