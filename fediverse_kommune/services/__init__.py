"""What a local person does: plain functions of a unit of work. No request, no JSON, no await.

A service checks what this person may do, changes the graph through `activitypub/graph`, and tells others through
`outbox/send`. It raises the refusals of `services/refusals.py`; what HTTP calls them is decided in `api/` and `web/`.
"""
