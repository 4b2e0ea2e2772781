"""What people here write becomes the HTML the fediverse knows, through the one sanitiser (rows G04, C10)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.compose import MOST_BRACKETS, compose
from activitypub.marks import MentionTarget, find_hashtags, find_mentions
from activitypub.sanitize import SafeHTML, plain_text, sanitize

ANNA = MentionTarget("https://stadt.example/@anna", "anna")
BOB = MentionTarget("https://social.nord.example/@Bob", "Bob@nord.example")
PEOPLE = {"anna": ANNA, "bob@nord.example": BOB}
REL = 'target="_blank" rel="nofollow noopener noreferrer"'


def tag_url(tag: str) -> str:
    return f"https://stadt.example/tags/{tag}"


def html_of(text: str, *, markdown: bool = False) -> str:
    return str(compose(text, tag_url=tag_url, mentions=PEOPLE, markdown=markdown))


def mention(target: MentionTarget, name: str) -> str:
    anchor = f'<a href="{target.url}" class="u-url mention" {REL}>@<span>{name}</span></a>'
    return f'<span class="h-card" translate="no">{anchor}</span>'


def hashtag(key: str, name: str) -> str:
    return f'<a href="https://stadt.example/tags/{key}" class="mention hashtag" {REL}>#<span>{name}</span></a>'


def address(url: str, dull: str, shown: str, hidden: str = "") -> str:
    begin = f'<span class="invisible">{dull}</span>'
    middle = f'<span class="ellipsis">{shown}</span>' if hidden else f"<span>{shown}</span>"
    end = f'<span class="invisible">{hidden}</span>' if hidden else ""
    return f'<a href="{url}" translate="no" {REL}>{begin}{middle}{end}</a>'


X = address("https://x.example/", "https://", "x.example/")


@pytest.mark.parametrize("markdown", [False, True])
@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Guten Tag", "<p>Guten Tag</p>"),
        ("Hallo @anna!", f"<p>Hallo {mention(ANNA, 'anna')}!</p>"),
        ("@ANNA", f"<p>{mention(ANNA, 'anna')}</p>"),
        ("(@bob@Nord.example)", f"<p>({mention(BOB, 'Bob')})</p>"),
        ("@bob@nord.example.", f"<p>{mention(BOB, 'Bob')}.</p>"),
        ("@bob@nord.example: ja", f"<p>{mention(BOB, 'Bob')}: ja</p>"),
        ("@bob@nord.example:10 Uhr", f"<p>{mention(BOB, 'Bob')}:10 Uhr</p>"),
        ("@carla @bob @anna@nord.example", "<p>@carla @bob @anna@nord.example</p>"),
        ("post@anna x@anna /@anna", "<p>post@anna x@anna /@anna</p>"),
        ("#Fest", f"<p>{hashtag('fest', 'Fest')}</p>"),
        ("#Straßenfest.", f"<p>{hashtag('strassenfest', 'Straßenfest')}.</p>"),
        ("#Übung", f"<p>{hashtag('%C3%BCbung', 'Übung')}</p>"),
        ("x#a #1 #_ # a&#b ##c", "<p>x#a #1 #_ # a&amp;#b ##c</p>"),
        ("https://x.example/", f"<p>{X}</p>"),
        ("(https://x.example/).", f"<p>({X}).</p>"),
        ("„https://x.example/“", f"<p>„{X}“</p>"),
        (
            "https://x.example/a_(b)",
            f"<p>{address('https://x.example/a_(b)', 'https://', 'x.example/a_(b)')}</p>",
        ),
        (
            "https://www.example.org/a_b_c/very/long/path?x=1&y=2#Fest",
            "<p>"
            + address(
                "https://www.example.org/a_b_c/very/long/path?x=1&amp;y=2#Fest",
                "https://www.",
                "example.org/a_b_c/very/long/pa",
                "th?x=1&amp;y=2#Fest",
            )
            + "</p>",
        ),
        ("https://x.example/@anna", f"<p>{address('https://x.example/@anna', 'https://', 'x.example/@anna')}</p>"),
        ("x.example http:// https://u:p@x.example/", "<p>x.example http:// https://u:p@x.example/</p>"),
        ("<b>x</b> <script>alert(1)</script>", "<p>&lt;b&gt;x&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("javascript:alert(1) data:text/html,x", "<p>javascript:alert(1) data:text/html,x</p>"),
        ("Kunst & Kultur 'x' \"y\"", "<p>Kunst &amp; Kultur 'x' \"y\"</p>"),
    ],
)  # fmt: skip
def test_text_becomes_html(text: str, html: str, markdown: bool) -> None:
    assert html_of(text, markdown=markdown) == html


def test_paragraphs_and_line_breaks() -> None:
    assert html_of("a\nb\r\n\r\nc\n \nd\n") == "<p>a<br>b</p><p>c</p><p>d</p>"


def test_plain_text_stays_as_typed() -> None:
    assert html_of("&lt; *a* _b_ `c` [x](y) > z\n- 1") == "<p>&amp;lt; *a* _b_ `c` [x](y) &gt; z<br>- 1</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** _c_ `d`", "<p><em>a</em> <strong>b</strong> <em>c</em> <code>d</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> Zitat", "<blockquote>\n<p>Zitat</p>\n</blockquote>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("```\n<b> @anna #Fest\n```", "<pre><code>&lt;b&gt; @anna #Fest\n</code></pre>"),
        ("`@anna` `https://x.example/`", "<p><code>@anna</code> <code>https://x.example/</code></p>"),
        ("[Rathaus](https://x.example/a_b_)", f'<p><a href="https://x.example/a_b_" {REL}>Rathaus</a></p>'),
        ("[b.example](https://e.example)", f'<p><a href="https://e.example" {REL}>b.example [e.example]</a></p>'),
        ("[@anna](https://evil.example)", f'<p><a href="https://evil.example" {REL}>@anna</a></p>'),
        ("[x](javascript:alert(1))", f"<p><a {REL}>x</a></p>"),
        ("[x](<javascript:alert(1)>)", f"<p><a {REL}>x</a></p>"),
        ('[x](https://x.example/ "onclick=")', f'<p><a href="https://x.example/" {REL}>x</a></p>'),
        ("![x](https://x.example/)", f"<p>![x]({X})</p>"),
        ("#a_b_c und @_anna_", f"<p>{hashtag('a_b_c', 'a_b_c')} und @_anna_</p>"),
        ("# Kein Titel\n\nText\n---", "<p># Kein Titel</p>\n<p>Text<br>\n---</p>"),
        ("**@anna** *#Fest*", f"<p><strong>{mention(ANNA, 'anna')}</strong> <em>{hashtag('fest', 'Fest')}</em></p>"),
        ("<a href=https://x.example/ onclick=x>", f"<p>&lt;a href={X} onclick=x&gt;</p>"),
        ("    kein Code", "<p>kein Code</p>"),
        ("[x]: https://x.example/\n\n[x]", f"<p>[x]: {X}</p>\n<p>[x]</p>"),
    ],
)  # fmt: skip
def test_a_little_markdown(text: str, html: str) -> None:
    assert html_of(text, markdown=True) == html


def test_what_comes_out_is_sanitised_html() -> None:
    assert type(compose("x", tag_url=tag_url)) is SafeHTML
    hostile = MentionTarget("javascript:alert(1)", "<script>@x")
    html = compose("@anna #x", tag_url=lambda tag: f"data:{tag}", mentions={"anna": hostile})
    assert "javascript" not in html
    assert "data:" not in html
    assert "<script" not in html


@given(st.text("ab<>&\"'@#*_`[]()!\\/:.- \nß", max_size=60), st.booleans())
def test_whatever_is_typed_is_finished_html(text: str, markdown: bool) -> None:
    html = html_of(text, markdown=markdown)
    assert sanitize(html) == html


@given(st.text("ab<>&;\"'*_`[]()!\\/:.-ß", max_size=60))
def test_typed_text_is_read_back(text: str) -> None:
    assert plain_text(html_of(text)) == text


# --- finding ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("@anna @Anna @ANNA", ["anna"]),
        ("@b @a@Nord.example, @b", ["b", "a@nord.example"]),
        ("@a@bürger.example", ["a@bürger.example"]),
        ("@a@bürger.example:8001", ["a@bürger.example"]),
        ("a@b.example mailto:a@b.example", []),
        ("https://x.example/@anna/1 @bob", ["bob"]),
        ("@anna@work @a@127.0.0.1", []),
        ("@anna.b. @c-d- @_e_", ["anna.b", "c-d", "_e_"]),
        ("(@anna) „@bob“ *@carla*", ["anna", "bob", "carla"]),
        ("@ @@ @@anna @-a", []),
        ("@" + "x" * 300, []),
    ],
)
def test_find_mentions(text: str, found: list[str]) -> None:
    assert find_mentions(text) == found


def test_mentions_in_a_test_network_have_ports() -> None:
    assert find_mentions("@a@127.0.0.1:8001 @b", test_network=True) == ["a@127.0.0.1:8001", "b"]
    people = {"a@127.0.0.1:8001": MentionTarget("http://127.0.0.1:8001/@a", "a@127.0.0.1:8001")}
    html = compose("@a@127.0.0.1:8001: ja", tag_url=tag_url, mentions=people)
    assert html.endswith("</a></span>: ja</p>")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("#Fest #fest #FEST", ["Fest"]),
        ("#b #a", ["b", "a"]),
        ("#Straßenfest-Plan, #Übung_2026!", ["Straßenfest", "Übung_2026"]),
        ("＃全角 #हिन्दी #۲۰۲۶", ["全角", "हिन्दी"]),  # noqa: RUF001
        ("#1 #2026 x#y &#39; https://x.example/#z /#w", []),
        ("#" + "x" * 255, ["x" * 255]),
        ("#" + "x" * 256, []),
    ],
)
def test_find_hashtags(text: str, found: list[str]) -> None:
    assert find_hashtags(text) == found


@pytest.mark.parametrize("markdown", [False, True])
@pytest.mark.parametrize(
    "piece", ["@a", "@a@b.", "#a", " #a", "https://", "https://x.example/ ", "(", ")", "&", "<", ">", "> ", "*a_",
              "**_", "[", "[](", "![", "`", "- ", "\n\n", "~~~", "\\", "1. ", "a.", "@", "#", "__", "<!--"]
)  # fmt: skip
def test_long_hostile_texts_cost_little(piece: str, markdown: bool) -> None:
    text = (piece * 5_000)[:5_000]
    started = time.process_time()
    compose(text, tag_url=tag_url, mentions=PEOPLE, markdown=markdown)
    find_mentions(text)
    find_hashtags(text)
    # The worst takes 0.15 s; a machine that is busy with something else may need several times as long.
    assert time.process_time() - started < 2


def test_too_many_brackets_are_no_markdown() -> None:
    assert html_of("*a* " + "[" * MOST_BRACKETS, markdown=True).startswith("<p><em>a</em>")
    assert html_of("*a* " + "[" * (MOST_BRACKETS + 1), markdown=True).startswith("<p>*a*")
