"""What a signature has to cover, and when: rows B01 to B13."""

from faults.guard_tables.guard import guard

VERIFY = "activitypub/signatures/verify.py"
RULES = "activitypub/signatures/rules.py"
CAVAGE = "activitypub/signatures/cavage_rules.py"
RFC9421 = "activitypub/signatures/rfc9421_rules.py"
KEYS = "activitypub/signatures/keys.py"
DIGEST = "activitypub/signatures/digest.py"
RESOLVER = "activitypub/resolver.py"
AUTHENTICATE = "inbox/authenticate.py"
READERS = "activitypub/authorized_fetch.py"

GUARDS = (
    guard(
        "B01",
        "the body is not compared with its digest",
        "test_b01_digest",
        (CAVAGE, '    reason = verify_digest(fields["digest"], request.body)\n', "    reason = None\n"),
    ),
    guard(
        "B01",
        "several digests are fine if one fits",
        "test_b01_digest",
        (DIGEST, "    if len(ours) != 1:\n", "    if not ours:\n"),
        (DIGEST, "return None if ours[0] == _sha256(body)", "return None if _sha256(body) in ours"),
    ),
    guard(
        "B02",
        "anything may be left uncovered",
        "test_b02_covered_components",
        (
            CAVAGE,
            '    for name in (*_ALWAYS_COVERED, "digest") if carries_body(request) else _ALWAYS_COVERED:\n',
            "    for name in ():\n",
        ),
    ),
    guard(
        "B01",
        "the body is not compared with its Content-Digest",
        "test_b01_content_digest",
        (
            RFC9421,
            '    if "content-digest" in signature.components and not is_digest_of(',
            "    if False and not is_digest_of(",
        ),
    ),
    guard(
        "B02",
        "a message signature may leave out what is done, and the body",
        "test_b02_message_signatures",
        (RFC9421, "        if name not in covered:\n", "        if False:\n"),
    ),
    guard(
        "B02",
        "a message signature may leave out where it goes",
        "test_b02_message_signatures",
        (RFC9421, '    return Rejected(Reason.LEFT_OPEN, "@target-uri")\n', "    return None\n"),
    ),
    guard(
        "B06",
        "one request may carry several message signatures",
        "test_b06_message_signatures",
        ("activitypub/signatures/rfc9421.py", "    if len(members) != 1:\n", "    if False:\n"),
    ),
    guard(
        "B03",
        "signatures never grow old",
        "test_b03_replays",
        (
            RULES,
            "    if now.timestamp() > (latest if expires is None else min(latest, expires)) + skew:\n",
            "    if False:\n",
        ),
    ),
    guard(
        "B03",
        "expires lasts for ever",
        "test_b03_replays",
        (
            CAVAGE,
            "caps.signature_age if EXPIRES not in parameters.headers else caps.signature_ceiling",
            "caps.signature_age if EXPIRES not in parameters.headers else 99 * caps.signature_ceiling",
        ),
    ),
    guard(
        "B03",
        "the same activity is stored again",
        "test_b03_replays",
        (
            "inbox/queue.py",
            '        "activity_uri": verified.activity.id,\n',
            '        "activity_uri": f"{verified.activity.id}#{new_id(now)}",\n',
        ),
    ),
    guard(
        "B04",
        "signatures may come from the future",
        "test_b04_malformed_times",
        (
            RULES,
            "    return Rejected(Reason.FROM_THE_FUTURE) if max(created) > now.timestamp() + skew else None\n",
            "    return None\n",
        ),
    ),
    guard(
        "B04",
        "a signature may end before it begins",
        "test_b04_malformed_times",
        (RULES, "    if expires is not None and expires < max(created):\n", "    if False:\n"),
        (RULES, "(latest if expires is None else min(latest, expires))", "latest"),
    ),
    guard(
        "B05",
        "short keys are keys",
        "test_b05_algorithms_and_keys",
        (KEYS, "    if not _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:\n", "    if False:\n"),
    ),
    guard(
        "B05",
        "any exponent is fine",
        "test_b05_algorithms_and_keys",
        (KEYS, "    if exponent < _USUAL_EXPONENT or exponent.bit_length() > _MAX_EXPONENT_BITS:\n", "    if False:\n"),
    ),
    guard(
        "B05",
        "a published private key is a key",
        "test_b05_algorithms_and_keys",
        (KEYS, '    if "PRIVATE KEY" in pem:\n', "    if False:\n"),
        (
            KEYS,
            '    if len(pem) > _MAX_PEM_CHARACTERS or pem.count("-----BEGIN ") != 1:\n',
            "    if len(pem) > _MAX_PEM_CHARACTERS:\n",
        ),
        (
            KEYS,
            "        key = load_pem_public_key(_single_block(pem))\n",
            "        key = load_pem_public_key(_single_block(pem)[_single_block(pem).find(b'-----BEGIN PUBLIC') :])\n",
        ),
    ),
    guard(
        "B05",
        "the sender chooses the algorithm",
        "test_b05_algorithms_and_keys",
        (CAVAGE, "    if parameters.algorithm not in RSA_ALGORITHMS | ED25519_ALGORITHMS:\n", "    if False:\n"),
        (VERIFY, "        return parsed.algorithm in RSA_ALGORITHMS\n", "        return True\n"),
    ),
    guard(
        "B06",
        "headers may be sent twice",
        "test_b06_doubled_headers",
        (VERIFY, "    if repeated:\n", "    if False:\n"),
        (RULES, "    if len(values) > 1:\n", "    if False:\n"),
    ),
    guard(
        "B06",
        "junk between the parameters is read over",
        "test_b06_doubled_headers",
        ("activitypub/signatures/cavage.py", "    if _HEADER.fullmatch(text) is None:\n", "    if False:\n"),
    ),
    guard(
        "B07",
        "what is for another host is for us",
        "test_b07_other_hosts",
        (RULES, '    if fields["host"][0].lower() not in hosts:\n', "    if False:\n"),
    ),
    guard(
        "B08",
        "the signature itself is not checked",
        "test_b08_one_verifier",
        (
            AUTHENTICATE,
            "key = await self._resolver.key(signature.key_id)\n            if check(signature, key.public_key):\n",
            "key = await self._resolver.key(signature.key_id)\n            if True:\n",
        ),
    ),
    guard(
        "B09",
        "dead keys are asked for again and again",
        "test_b09_key_fetches",
        (RESOLVER, "        if failure and now - failure[0] < FAILURE_LASTS.total_seconds():\n", "        if False:\n"),
    ),
    guard(
        "B09",
        "every forgery makes us read a key anew",
        "test_b09_key_fetches",
        (
            RESOLVER,
            "            if last is not None and now - last < REFRESH_EVERY.total_seconds():\n",
            "            if False:\n",
        ),
    ),
    guard(
        "B09",
        "whoever reads may name dead keys without end",
        "test_b09_key_fetches",
        (READERS, "self._resolver.dead_keys.may_ask(address) and (", "("),
    ),
    guard(
        "B10",
        "a keyId is any text",
        "test_b10_key_ids",
        (CAVAGE, "    if not is_key_id(parameters.key_id):\n", "    if False:\n"),
    ),
    guard(
        "B11",
        "blocked domains are asked for their keys",
        "test_b11_blocked_and_gone",
        (
            AUTHENTICATE,
            "        if await self._blocks.is_suspended(host_of(signature.key_id)):\n",
            "        if False:\n",
        ),
    ),
    guard(
        "B11",
        "strangers are looked up when they leave",
        "test_b11_blocked_and_gone",
        (AUTHENTICATE, "        if await self._is_farewell_of_a_stranger(activity):\n", "        if False:\n"),
    ),
    guard(
        "B12",
        "who signs a GET need not hold the key",
        "test_b12_borrowed_readers",
        (
            READERS,
            " if check(signature, key.public_key) else None\n        except",
            "\n        except",
        ),
    ),
    guard(
        "B13",
        "a redirect carries the signature of the first request",
        "test_b13_signed_redirects",
        (
            "activitypub/wire.py",
            "        headers = await _headers(message, str(wire))\n",
            '        headers = await _headers(message, "http://127.0.0.1/")\n',
        ),
    ),
)
