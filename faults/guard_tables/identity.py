"""Who says what, and of whom: rows A01 to A20, L01 and L03."""

from faults.guard_tables.guard import guard

FETCH = "activitypub/fetch.py"
RESOLVER = "activitypub/resolver.py"
AUTHORIZE = "inbox/authorize.py"
AUTHENTICATE = "inbox/authenticate.py"
STATUSES = "inbox/handlers/statuses.py"
ORIGIN = "inbox/handlers/origin.py"
INTERACTIONS = "inbox/handlers/interactions.py"
GROUPS = "activitypub/graph/groups.py"
RECEIVED = "inbox/handlers/groups.py"
PARSE_ACTOR = "activitypub/parse_actor.py"
PARSE_POLICY = "activitypub/parse_policy.py"
QUOTE_CLAIMS = "activitypub/quote_claims.py"

OWN_ID = "    if claimed == served_from or claimed == uri == served_from:\n"
BELIEVED = "    if claimed is not None:\n"
BORROWED_OWNER = """\
        key = await self._stored_key(key_uri) or SigningKey(
            key_uri, load_public_key(document["publicKeyPem"]), 0, actor_uri, host_of(actor_uri)
        )
        if key is None:
"""
EMBEDDED = """\
    if activity.object.document:
        remote = parse_status(activity.object.document, allow_http=True)
        author = await ctx.resolver.actor(remote.attributed_to, ctx.budget)
        status = await ctx.resolver._store_status(remote, author, None)
    else:
        status = await ctx.resolver.status(status_uri, ctx.budget)
"""

GUARDS = (
    guard("A01", "a document is believed under any id", "test_a01_foreign_object_id", (FETCH, OWN_ID, BELIEVED)),
    guard(
        "A01",
        "an id is not asked whether it says so itself",
        "test_a01_foreign_object_id",
        (FETCH, '    if document.get("id") != claimed or served_from != claimed:\n', "    if False:\n"),
    ),
    guard(
        "A02",
        "any file on a host speaks for the host",
        "test_a02_same_host_upload",
        (FETCH, OWN_ID, '    if str(claimed).split("/")[2:3] == served_from.split("/")[2:3]:\n'),
    ),
    guard(
        "A03",
        "what is fetched may have any type",
        "test_a03_content_type",
        (FETCH, "expect=ACTIVITY_TYPES", "expect=None"),
    ),
    guard(
        "A04",
        "files are served without the headers that close them",
        "test_a04_uploads_as_objects",
        ("fediverse_kommune/media/routes.py", "response.headers.update(CLOSED)", "response.headers.update({})"),
    ),
    guard(
        "A05",
        "keys of other servers are looked up",
        "test_a05_borrowed_names",
        (AUTHORIZE, "    if not same_origin(activity.actor, key_id):\n", "    if False:\n"),
    ),
    guard(
        "A05",
        "a key speaks for any actor of its server",
        "test_a05_borrowed_names",
        (AUTHENTICATE, "        if key.actor_uri == activity.actor:\n", "        if True:\n"),
    ),
    guard(
        "A06",
        "a key's own word about its owner is enough",
        "test_a06_key_owner_claims",
        (
            RESOLVER,
            "        key = await self._stored_key(key_uri)\n        if key is None or key.actor_uri != actor_uri:\n",
            BORROWED_OWNER,
        ),
    ),
    guard(
        "A06",
        "a key may name an owner on another server",
        "test_a06_key_owner_claims",
        (RESOLVER, "        if not same_origin(actor_uri, key_uri):\n", "        if False:\n"),
    ),
    guard(
        "A07",
        "a redirect may serve the document of the id that was asked",
        "test_a07_redirected_actors",
        (FETCH, OWN_ID, "    if claimed in (served_from, uri):\n"),
    ),
    guard(
        "A08",
        "an actor may list a part of another's document as its key",
        "test_a08_key_under_wrong_url",
        (
            PARSE_ACTOR,
            "        if key_uri and pem and _may_be_listed(key_uri, uri):\n",
            "        if key_uri and pem:\n",
        ),
    ),
    guard(
        "A08",
        "a key that two actors list cannot be stored again",
        "test_a08_key_under_wrong_url",
        (
            "activitypub/graph/actors.py",
            "delete(ActorKey).where(or_(ActorKey.actor_id == actor.id, listed))",
            "delete(ActorKey).where(ActorKey.actor_id == actor.id)",
        ),
    ),
    guard(
        "A09",
        "activities may have ids of other servers",
        "test_a09_foreign_activity_ids",
        (AUTHORIZE, "    if not same_origin(activity.id, activity.actor):\n", "    if False:\n"),
    ),
    guard(
        "A10",
        "what others pass on is taken at its word",
        "test_a10_verified_bytes",
        ("inbox/worker.py", "        if item.hearsay:\n", "        if False:\n"),
    ),
    guard(
        "A11",
        "anybody may delete anything",
        "test_a11_foreign_deletes",
        (AUTHORIZE, '    "Delete": verify_deletes_own,\n', '    "Delete": _no_further_claim,\n'),
    ),
    guard(
        "A11",
        "neighbours may delete each other's posts",
        "test_a11_foreign_deletes",
        (STATUSES, "    if status is not None and status.actor_id != sender.id:\n", "    if False:\n"),
        (STATUSES, "    elif status is not None and status.actor_id == sender.id:\n", "    elif status is not None:\n"),
    ),
    guard(
        "A11",
        "a rumour is enough for an end",
        "test_a11_foreign_deletes",
        (
            ORIGIN,
            'if document.get("type") == "Tombstone" else STILL_THERE',
            "if document else nothing",
        ),
    ),
    guard(
        "A12",
        "anybody may edit anything",
        "test_a12_foreign_updates",
        (AUTHORIZE, '    "Update": verify_creates_own,\n', '    "Update": _no_further_claim,\n'),
    ),
    guard(
        "A12",
        "neighbours may edit each other's posts",
        "test_a12_foreign_updates",
        (
            STATUSES,
            "    if remote.attributed_to != sender.uri:\n        return await look_again",
            "    if False:\n        return await look_again",
        ),
        (ORIGIN, "    if status is None or status.actor_id != sender.id:\n", "    if status is None:\n"),
    ),
    guard(
        "A13",
        "an embedded copy is believed",
        "test_a13_embedded_objects",
        (INTERACTIONS, "    status = await ctx.resolver.status(status_uri, ctx.budget, told=told)\n", EMBEDDED),
        (
            INTERACTIONS,
            "from activitypub.properties import uri_of\n",
            "from activitypub.parse import parse_status\nfrom activitypub.properties import uri_of\n",
        ),
    ),
    guard(
        "I06",
        "a group decides about everything",
        "test_i06_groups_of_others",
        (GROUPS, '    return group.type == "Group" and status.audience_uri == group.uri\n', "    return True\n"),
    ),
    guard(
        "A13",
        "a group votes for everybody",
        "test_a13_groups",
        (RECEIVED, " and not await _is_confirmed(ctx, inner):\n", " and False:\n"),
        (RECEIVED, "    if same_origin(like_uri, voter.uri):\n", "    if True:\n"),
    ),
    guard(
        "A14",
        "neighbours may readdress each other's posts",
        "test_a14_audience",
        (
            STATUSES,
            "    if remote.attributed_to != sender.uri:\n        return await look_again",
            "    if False:\n        return await look_again",
        ),
        (ORIGIN, "    if status is None or status.actor_id != sender.id:\n", "    if status is None:\n"),
    ),
    guard(
        "A15",
        "an actor's addresses may be anywhere",
        "test_a15_foreign_hosts",
        (
            PARSE_ACTOR,
            "        return url if url is not None and is_on_origin_of(url, uri) else None\n",
            "        return url\n",
        ),
    ),
    guard(
        "A16",
        "actors add to any collection",
        "test_a16_foreign_collections",
        (
            STATUSES,
            "    if target is None or target != sender.featured_uri or activity.object.uri is None:\n",
            "    if target is None or activity.object.uri is None:\n",
        ),
    ),
    guard(
        "A16",
        "actors pin any post",
        "test_a16_foreign_collections",
        (
            STATUSES,
            "    if status is not None and status.actor_id == sender.id:\n        status.pinned_at",
            "    if status is not None:\n        status.pinned_at",
        ),
    ),
    guard(
        "A17",
        "a stamp is good for any two posts",
        "test_a17_consent_stamps",
        (
            PARSE_POLICY,
            '    return said == (kind, interacting, target) and one_uri(stamp, "attributedTo") == author\n',
            "    return True\n",
        ),
    ),
    guard(
        "A17",
        "whoever quotes keeps the stamp",
        "test_a17_consent_stamps",
        (QUOTE_CLAIMS, " or not same_origin(stamp_uri, author_uri):\n", ":\n"),
    ),
    guard(
        "A19",
        "a handle is believed unproved",
        "test_a19_handle_domains",
        (RESOLVER, "        return proved.domain if proved else host\n", "        return claimed.domain\n"),
    ),
    guard(
        "A20",
        "our own ids are fetched like any other",
        "test_a20_our_own_ids",
        (
            FETCH,
            "    if not isinstance(claimed, str) or ctx.instance.owns(claimed):\n",
            "    if not isinstance(claimed, str):\n",
        ),
        (FETCH, "    if ctx.instance.owns(url):\n", "    if False:\n"),
    ),
    guard(
        "L01",
        "case makes another domain",
        "test_l01_spellings_of_domains",
        ("webfinger/host.py", "    host = name.lower().removesuffix(", "    host = name.removesuffix("),
    ),
    guard(
        "L03",
        "slashes may be missing or too many",
        "test_l03_two_parsers",
        (
            "activitypub/uris.py",
            '_URL = re.compile(r"(https?)://([^/?#]*)(.*)"',
            '_URL = re.compile(r"(https?):/*([^/?#]*)(.*)"',
        ),
    ),
)
