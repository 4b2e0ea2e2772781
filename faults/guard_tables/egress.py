"""Where this server goes, and for how long: rows D01 to D11 and E01 to E03.

The changes are such that a test without its guard reaches loopback and nothing further.
"""

from faults.guard_tables.guard import guard

HTTP, WIRE = "activitypub/http.py", "activitypub/wire.py"
ADDRESSES = "activitypub/addresses.py"
IPV6 = "    return address in _GLOBAL_UNICAST and not any(address in network for network in _SPECIAL_IPV6)\n"
ANY_IPV6 = "    return not any(address in network for network in _SPECIAL_IPV6)\n"

GUARDS = (
    guard(
        "D01",
        "loopback is an address like any other",
        "test_d01_private_addresses",
        (ADDRESSES, '        "127.0.0.0/8",  # loopback\n', ""),
    ),
    guard("D02", "IPv6 is open but for a list", "test_d02_incomplete_ranges", (ADDRESSES, IPV6, ANY_IPV6)),
    guard(
        "D02",
        "IPv4 inside IPv6 is not judged",
        "test_d02_incomplete_ranges",
        (
            ADDRESSES,
            "    return all(is_permitted(inner, allowed) for inner in embedded_addresses(address))\n",
            "    return True\n",
        ),
    ),
    guard(
        "D03",
        "a number is a name",
        "test_d03_alternative_spellings",
        ("webfinger/host.py", "    if _NUMBER_LABEL.fullmatch(last):\n", "    if False:\n"),
    ),
    guard(
        "D04",
        "the first address of several is judged",
        "test_d04_dns_rebinding",
        (WIRE, "        self._judge(host, addresses)\n", "        self._judge(host, addresses[:1])\n"),
    ),
    guard(
        "D05",
        "redirects are followed unchecked",
        "test_d05_redirects_judged_again",
        (HTTP, "            url = self._checked(url)\n", "            url = url if visited else self._checked(url)\n"),
    ),
    guard("D06", "deliveries go inside over IPv6", "test_d06_inboxes_inside", (ADDRESSES, IPV6, ANY_IPV6)),
    guard("D07", "documents lead inside over IPv6", "test_d07_urls_in_documents", (ADDRESSES, IPV6, ANY_IPV6)),
    guard(
        "D08",
        "links of direct posts are looked at",
        "test_d08_previews",
        (
            "fediverse_kommune/services/previews.py",
            "    if status.visibility is Visibility.DIRECT:\n",
            "    if False:\n",
        ),
    ),
    guard(
        "D09",
        "line breaks stand in URLs",
        "test_d09_request_splitting",
        (
            "activitypub/uris.py",
            '_FORBIDDEN = re.compile(r"[\\s\\x00-\\x20\\x7f-\\x9f\\\\<>\\"`]")\n',
            '_FORBIDDEN = re.compile(r"[<>]")\n',
        ),
    ),
    guard(
        "D10",
        "redirects go on for ever",
        "test_d10_redirect_loops",
        (
            HTTP,
            "            if url in visited or len(visited) > self._caps.redirects:\n",
            "            if url in visited:\n",
        ),
    ),
    guard(
        "D11",
        "a handle's name is any text",
        "test_d11_parts_of_handles",
        ("webfinger/handle.py", "    if not is_username(username):\n", "    if not username:\n"),
    ),
    guard(
        "E01",
        "a fetch has no end",
        "test_e01_total_deadline",
        (
            HTTP,
            "asyncio.get_running_loop().time() + self._caps.total_seconds\n",
            "asyncio.get_running_loop().time() + 3_600\n",
        ),
    ),
    guard(
        "E02",
        "an answer has no end",
        "test_e02_unbounded_bodies",
        (WIRE, "                    if max(received, len(body)) > limit:\n", "                    if False:\n"),
    ),
    guard(
        "E02",
        "an inbox takes any length",
        "test_e02_inbox_bodies",
        (
            "inbox/door.py",
            "            if length > CAPS.body_bytes:\n",
            "            if False:\n",
        ),
        (
            "inbox/door.py",
            "not announced.isdecimal() or int(announced[:20]) > CAPS.body_bytes",
            "False",
        ),
    ),
    guard(
        "E03",
        "bombs are unpacked before they are weighed",
        "test_e03_compression_bombs",
        (WIRE, "inflate.decompress(piece, limit + 1 - len(body)) if inflate", "inflate.decompress(piece) if inflate"),
    ),
)
