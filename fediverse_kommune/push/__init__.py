"""Web push: from the row that a notification left (`fanout/push`) to the push service of an app.

https://docs.joinmastodon.org/methods/push/; RFC 8030 (delivery), RFC 8291 (encryption), RFC 8292 (who we are).
"""
