"""What a document may be, and what it may cost to read: rows C01 to C08 and E16."""

from faults.guard_tables.guard import guard

JSONLD = "activitypub/jsonld.py"
STRICT = "activitypub/strict_json.py"
WORKER = "inbox/worker.py"
PROVED, GROUPS, FORWARDING = "inbox/proved.py", "inbox/handlers/groups.py", "inbox/forwarding.py"
PROOFS = "test_c01_integrity_proofs"
CONTEXTS = """\
    document = _object_in(response, uri)
    for context in document.get("@context", []):
        if isinstance(context, str) and "w3" not in context:
            await ctx.http.get(context, accept="*/*")
"""

GUARDS = (
    guard(
        "C01",
        "an embedded signature gives authority",
        "test_c01_embedded_signatures",
        ("inbox/authenticate.py", "message.body, hearsay=True)", "message.body)"),
    ),
    guard(
        "C01",
        "a proof need not hold",
        PROOFS,
        (PROVED, "return known if await asyncio.to_thread(", "return known if known or await asyncio.to_thread("),
    ),
    guard(
        "C01",
        "anybody proves for everybody",
        PROOFS,
        (PROVED, " or known[1].uri != activity.actor or", " or"),
    ),
    guard(
        "C01",
        "a proof holds for ever",
        PROOFS,
        (PROVED, "    if proof is None or not is_fresh(proof, resolver.ctx.clock()):\n", "    if proof is None:\n"),
    ),
    guard(
        "C01",
        "whatever is said to one alone can be proved to all",
        PROOFS,
        (PROVED, " if activity.type in PROVABLE else None\n", "\n"),
    ),
    guard(
        "C01",
        "a group passes on what was told to few, because it is proved",
        PROOFS,
        (GROUPS, " and is_open\n", "\n"),
    ),
    guard(
        "C01",
        "a group passes on one's post as another's, because it is proved",
        PROOFS,
        (GROUPS, "remote.attributed_to == author.uri and ", ""),
    ),
    guard(
        "C01",
        "one's neighbour proves that it is gone",
        PROOFS,
        (GROUPS, "    if author is not None and author.id == status.actor_id:\n", "    if author is not None:\n"),
    ),
    guard(
        "C01",
        "what is told to few is forwarded to all",
        PROOFS,
        (FORWARDING, "status.visibility in OPEN and _is_proved", "_is_proved"),
    ),
    guard(
        "C01",
        "what is not proved is forwarded",
        PROOFS,
        (FORWARDING, " and _is_proved(unit, status, activity)", ""),
    ),
    guard(
        "C01",
        "what somebody else proves is forwarded",
        PROOFS,
        (FORWARDING, " or key.id != status.actor_id:\n", ":\n"),
    ),
    guard(
        "C02",
        "graphs may be named",
        "test_c02_restructured_documents",
        (JSONLD, "    if not names.isdisjoint(_STRUCTURE):\n", "    if False:\n"),
    ),
    guard(
        "C02",
        "ids may stand under two names",
        "test_c02_restructured_documents",
        (
            JSONLD,
            '    if ("@id" in names and "id" in names) or ("@type" in names and "type" in names):\n',
            "    if False:\n",
        ),
    ),
    guard(
        "C02",
        "contexts may move our words",
        "test_c02_restructured_documents",
        (JSONLD, "                _check_term(name, meaning, in_scope)\n", "                pass\n"),
    ),
    guard(
        "C02",
        "fetched documents are not looked at",
        "test_c02_restructured_documents",
        ("activitypub/fetch.py", "        plain(document)\n", "        pass\n"),
    ),
    guard(
        "C03",
        "contexts are fetched",
        "test_c03_contexts",
        ("activitypub/fetch.py", "    document = _object_in(response, uri)\n", CONTEXTS),
    ),
    guard(
        "C04",
        "rumours are taken over word by word",
        "test_c04_uncovered_terms",
        (WORKER, "        if item.hearsay:\n", "        if False:\n"),
    ),
    guard(
        "C05",
        "contexts have any number of parts",
        "test_c05_costly_documents",
        (JSONLD, "    if len(parts) > MAX_PARTS:\n", "    if False:\n"),
    ),
    guard(
        "C06",
        "depth is an error that nobody expects",
        "test_c06_deep_nesting",
        (STRICT, "    except RecursionError as error:\n", "    except ZeroDivisionError as error:\n"),
    ),
    guard(
        "C06",
        "anything that Python can read is not too deep",
        "test_c06_deep_nesting",
        (STRICT, "MAX_DEPTH = 64\n", "MAX_DEPTH = 100_000\n"),
    ),
    guard(
        "C07",
        "of a key given twice the last counts",
        "test_c07_odd_json",
        (STRICT, "    if len(result) != len(pairs):\n", "    if False:\n"),
    ),
    guard(
        "C07",
        "half a surrogate pair is text",
        "test_c07_odd_json",
        (STRICT, "        _refuse_unstorable(body, document)\n", "        pass\n"),
    ),
    guard(
        "C07",
        "NaN is a number",
        "test_c07_odd_json",
        (
            STRICT,
            "object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant",
            "object_pairs_hook=_object, parse_int=_integer, parse_float=_float",
        ),
    ),
    guard(
        "C07",
        "numbers have any length",
        "test_c07_odd_json",
        (STRICT, "parse_int=_integer, ", ""),
    ),
    guard(
        "C08",
        "every value is a text",
        "test_c08_type_confusion",
        (
            "activitypub/properties.py",
            "    return web_url(value, allow_http=True) if isinstance(value, str) else None\n",
            "    return web_url(value, allow_http=True) if value else None\n",
        ),
        only="any_activity",
    ),
    guard(
        "C08",
        "every time is a time",
        "test_c08_type_confusion",
        ("activitypub/properties.py", "    except (ValueError, OverflowError):\n", "    except OverflowError:\n"),
        only="any_activity",
    ),
    guard(
        "E16",
        "what fails is tried for ever",
        "test_e16_poisoned_rows",
        (WORKER, "    if attempts >= MAX_ATTEMPTS:\n", "    if False:\n"),
    ),
)
