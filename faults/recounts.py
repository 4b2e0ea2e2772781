"""Questions to a database at rest, each of which must be answered with nothing: what it holds twice contradicts itself.

Counters, home timelines and the queue of deliveries are derived from other rows in the transaction that changed those,
so whatever differs was done by half, or done twice. Plain SQL, understood by SQLite and PostgreSQL alike, and no code
of the server.
"""

from collections.abc import Mapping

# What is counted beside the rows that are counted.
COUNTS: Mapping[str, str] = {
    "wrong number of likes": """
        SELECT uri FROM statuses s
        WHERE likes_count <> (SELECT count(*) FROM likes WHERE status_id = s.id)""",
    "wrong number of announces": """
        SELECT uri FROM statuses s
        WHERE announces_count <> (SELECT count(*) FROM announces WHERE status_id = s.id)""",
    "wrong number of replies": """
        SELECT uri FROM statuses s
        WHERE replies_count <> (
            SELECT count(*) FROM statuses WHERE in_reply_to_id = s.id AND visibility IN ('public', 'unlisted'))""",
    "wrong number of posts": """
        SELECT uri FROM actors a
        WHERE statuses_count <> (SELECT count(*) FROM statuses WHERE actor_id = a.id AND visibility <> 'direct')""",
    "wrong number of followers": """
        SELECT uri FROM actors a
        WHERE followers_count <> (
            SELECT count(*) FROM follows WHERE followed_id = a.id AND accepted_at IS NOT NULL)""",
    "wrong number of followed actors": """
        SELECT uri FROM actors a
        WHERE following_count <> (
            SELECT count(*) FROM follows WHERE follower_id = a.id AND accepted_at IS NOT NULL)""",
}

# What somebody sees twice, or sees though it is gone.
SEEN_WRONGLY: Mapping[str, str] = {
    "post written twice": "SELECT min(uri) FROM statuses WHERE local GROUP BY source HAVING count(*) > 1",
    "twice in a home timeline": """
        SELECT min(s.uri) FROM feed_entries e JOIN statuses s ON s.id = e.status_id
        GROUP BY e.actor_id, e.status_id HAVING count(*) > 1""",
    "in a home timeline without a reason": """
        SELECT s.uri FROM feed_entries e JOIN statuses s ON s.id = e.status_id
        LEFT JOIN announces a ON a.id = e.announce_id
        WHERE s.actor_id <> e.actor_id AND NOT EXISTS (
            SELECT 1 FROM follows f WHERE f.follower_id = e.actor_id AND f.accepted_at IS NOT NULL
            AND f.followed_id = coalesce(a.actor_id, s.actor_id))""",
}

# What a home timeline must show: it begins with its oldest line, because what is older has been trimmed.
MISSED: Mapping[str, str] = {
    "own post not in the home timeline": """
        SELECT s.uri FROM statuses s
        WHERE s.local AND s.id > (SELECT min(id) FROM feed_entries WHERE actor_id = s.actor_id)
        AND NOT EXISTS (SELECT 1 FROM feed_entries e WHERE e.actor_id = s.actor_id AND e.status_id = s.id)""",
    "followed note not in the home timeline": """
        SELECT s.uri FROM statuses s JOIN follows f ON f.followed_id = s.actor_id AND f.accepted_at IS NOT NULL
        JOIN actors reader ON reader.id = f.follower_id AND reader.domain IS NULL
        WHERE s.in_reply_to_uri IS NULL AND s.id > (SELECT min(id) FROM feed_entries WHERE actor_id = reader.id)
        AND NOT EXISTS (SELECT 1 FROM feed_entries e WHERE e.actor_id = reader.id AND e.status_id = s.id)""",
    "announced note not in the home timeline": """
        SELECT a.uri FROM announces a JOIN statuses s ON s.id = a.status_id
        JOIN follows f ON f.followed_id = a.actor_id AND f.accepted_at IS NOT NULL
        JOIN actors reader ON reader.id = f.follower_id AND reader.domain IS NULL
        WHERE s.actor_id <> reader.id AND a.id > (SELECT min(id) FROM feed_entries WHERE actor_id = reader.id)
        AND NOT EXISTS (SELECT 1 FROM feed_entries e WHERE e.actor_id = reader.id AND e.status_id = s.id)""",
}

# What no transaction may leave behind once the queues are empty.
HALF_DONE: Mapping[str, str] = {
    "activity that goes nowhere": """
        SELECT uri FROM outgoing_activities o WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE activity_id = o.id)""",
    "lane in which nothing waits": """
        SELECT host FROM delivery_lanes l WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE lane_id = l.id)""",
    "done and dead": "SELECT activity_uri FROM inbox_items WHERE done_at IS NOT NULL AND dead_at IS NOT NULL",
    "note without its mention": """
        SELECT s.uri FROM statuses s JOIN statuses parent ON parent.id = s.in_reply_to_id
        WHERE parent.local AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.status_id = s.id)""",
    "post without its Idempotency-Key": """
        SELECT uri FROM statuses s WHERE s.local
        AND NOT EXISTS (SELECT 1 FROM idempotency_keys k WHERE k.status_id = s.id)""",
}
