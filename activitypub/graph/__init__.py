"""Changing the graph: the one place where a follow, a like, an announce, an edit or a delete becomes true.

Every function takes the `Unit` it runs in, works on rows, and publishes its event. Local and remote changes go
through the same function; what differs (text or claims, permission, delivery) is decided before or after.
"""
