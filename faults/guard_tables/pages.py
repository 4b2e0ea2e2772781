"""What strangers write on our pages: rows G01 to G07 (MP20) and F05. Most of the tests open a browser."""

from faults.guard_tables.guard import guard

SANITIZE = "activitypub/sanitize.py"

GUARDS = (
    guard(
        "F05",
        "files are served as what they may pose as",
        "test_a04_uploads_as_objects",
        ("fediverse_kommune/media/routes.py", '    "X-Content-Type-Options": "nosniff",\n', ""),
        ("fediverse_kommune/web/headers.py", '        headers.setdefault("X-Content-Type-Options", "nosniff")\n', ""),
    ),
    guard(
        "G01",
        "HTML of strangers is shown as it came",
        "test_g01_stored_scripts",
        (SANITIZE, '_UNPRINTABLE.sub("", _CLEANER.clean(html))', '_UNPRINTABLE.sub("", html)'),
    ),
    guard(
        "G02",
        "tables may stand where browsers move them",
        "test_g02_parser_differences",
        (SANITIZE, '_LIST_TAGS = {"ul", "ol", "li"}\n', '_LIST_TAGS = {"ul", "ol", "li", "table", "tr", "td"}\n'),
    ),
    guard(
        "G03",
        "previews are shown",
        "test_g03_previews",
        (
            "fediverse_kommune/api/entities/status.py",
            '        "card": preview_card_entity(card, instance) if card else None,\n',
            '        "card": {"html": "<iframe></iframe>"},\n',
        ),
    ),
    guard(
        "G04",
        "what people here write is trusted",
        "test_g04_second_pipelines",
        (
            "activitypub/compose.py",
            "    return sanitize(_markup().linked(",
            "    return SafeHTML.stored(_markup().linked(",
        ),
    ),
    guard(
        "G05",
        "links lead anywhere",
        "test_g05_url_schemes",
        (
            SANITIZE,
            '        return validated_url(url.strip(" \\t\\r\\n").translate(_UNESCAPED), allow_http=True)\n',
            "        return url\n",
        ),
    ),
    guard(
        "G06",
        "templates do not escape",
        "test_g06_attributes",
        (
            "fediverse_kommune/web/filters.py",
            "    environment.autoescape = True\n",
            "    environment.autoescape = False\n",
        ),
    ),
    guard(
        "G07",
        "feeds hold what XML cannot",
        "test_g07_feeds",
        ("fediverse_kommune/web/feeds.py", '    element.text = _NO_XML.sub("", text)\n', "    element.text = text\n"),
    ),
)
