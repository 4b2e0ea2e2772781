"""WebFinger (RFC 7033): from a handle such as @anna@stadt.example to an actor's URI and back.

The package knows nothing of the rest: whoever uses it hands in how to fetch and how to look up.
"""
