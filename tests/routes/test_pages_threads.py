"""The page of a post: its conversation as far as it is open, its files, and what previews tell of it."""

from activitypub.graph.actors import create_local_actor, find_by_handle
from activitypub.graph.reactions import ChosenEmoji, react
from activitypub.models import Media, MediaState, Status, new_id
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from tests import acts
from tests.town import Town
from tests.webpages import page_of


async def test_a_post_stands_in_its_conversation_as_far_as_it_is_open(stadt: Town) -> None:
    anna, bob = await stadt.resident("anna"), await stadt.resident("bob")
    first = await stadt.write(acts.write, anna, "<p>Frage</p>")
    second = await stadt.write(acts.write, bob, "<p>Antwort</p>", in_reply_to=first.uri)
    await stadt.write(acts.write, anna, "<p>Leiser Dank</p>", in_reply_to=second.uri, visibility=Visibility.UNLISTED)
    await stadt.write(acts.write, anna, "<p>Unter uns</p>", in_reply_to=second.uri, visibility=Visibility.PRIVATE)

    page = await page_of(stadt, f"/@bob/{second.id}")

    assert page.posts == ["Frage", "Antwort", "Leiser Dank"]
    assert [post.text_content().split() for post in page.all(".status-main .status-content")] == [["Antwort"]]
    assert page.one('link[rel="canonical"]').get("href") == second.url
    assert page.one('link[rel="alternate"][type="application/activity+json"]').get("href") == second.uri


async def test_a_post_shows_its_reactions_and_says_what_they_are(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna, "<p>Sommerfest</p>")
    assert (await page_of(stadt, f"/@anna/{post.id}")).all(".reactions") == []
    await stadt.write(_let_react, post.id, f"{stadt.origin}/media/b.png")

    page = await page_of(stadt, f"/@anna/{post.id}")
    assert page.one(".reactions").get("aria-label") == "Reaktionen"
    heard = [each.text_content() for each in page.all(".reactions .sr-only")]
    assert heard == ["2 × Daumen hoch", "1 × fisch", "1 × baum"]
    seen = [" ".join(each.text_content().split()) for each in page.all('.reactions [aria-hidden="true"]')]
    assert seen == ["👍 2", ":fisch: 1", "1"]
    # A picture of ours is shown; one of another server is named, and nothing of it is loaded.
    assert [each.get("src") for each in page.all(".reactions img")] == [f"{stadt.origin}/media/b.png"]

    english = await page_of(stadt, f"/@anna/{post.id}", Accept_Language="en")
    assert "2 × Thumbs up" in english.text
    assert (await page_of(stadt, "/@anna")).all(".reactions") == [], "only where its conversation is"


def _let_react(unit: Unit, status_id: int, picture: str) -> None:
    status = unit.get_one(Status, status_id)
    theirs = "https://nord.example/fisch.png"
    for name, chosen in (
        ("bob", ChosenEmoji("👍")),
        ("clara", ChosenEmoji("👍")),
        ("clara", ChosenEmoji("fisch@nord.example", theirs, theirs)),
        ("bob", ChosenEmoji("baum", picture, picture)),
    ):
        actor = find_by_handle(unit, name, None) or create_local_actor(unit, name)
        react(unit, actor, status, chosen)


async def test_an_answer_to_something_private_says_so(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    hidden = await stadt.write(acts.write, anna, "<p>Unter uns</p>", visibility=Visibility.PRIVATE)
    answer = await stadt.write(acts.write, anna, "<p>Doch für alle</p>", in_reply_to=hidden.uri)
    page = await page_of(stadt, f"/@anna/{answer.id}")
    assert page.posts == ["Doch für alle"]
    assert "ist nicht öffentlich oder hier nicht bekannt" in page.text


async def test_what_is_unlisted_opens_to_whoever_has_its_address(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna, "<p>Leise</p>", visibility=Visibility.UNLISTED)
    assert (await page_of(stadt, f"/@anna/{post.id}")).posts == ["Leise"]


async def test_previews_say_what_is_public_of_a_post(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna, "<p>Die <b>Brücke</b> ist &lt;gesperrt&gt;</p><p>bis Freitag</p>")
    page = await page_of(stadt, f"/@anna/{post.id}")
    assert page.meta("og:description") == ["Die Brücke ist <gesperrt> bis Freitag"]
    assert page.meta("og:url") == [post.url]
    assert page.meta("fediverse:creator") == [f"@anna@{stadt.host}:{stadt.port}"]


async def test_a_content_warning_hides_the_text_and_all_of_its_previews(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna, "<p>4:3</p>", summary="Das Ergebnis", sensitive=True)
    page = await page_of(stadt, f"/@anna/{post.id}")
    warning = page.one("details.warning")
    assert warning.get("open") is None
    assert warning.cssselect("summary")[0].text_content() == "Das Ergebnis"
    assert warning.cssselect(".status-content")[0].text_content().strip() == "4:3"
    assert page.meta("og:description") == page.meta("description") == ["Das Ergebnis"]
    assert "4:3" not in page.one("title").text_content()


async def test_pictures_of_ours_are_shown_and_those_of_others_named(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    ours = {
        "storage_key": "ab12.jpg",
        "thumbnail_key": "cd34.webp",
        "state": MediaState.READY,
        "description": "Ein Steg",
    }
    theirs = {"remote_url": "https://nord.example/b.jpg", "state": MediaState.REMOTE, "description": "Ein Fluss"}

    def write(unit: Unit) -> Status:
        common = {"actor_id": anna.id, "media_type": "image/jpeg", "created_at": unit.now}
        media = [Media(id=new_id(unit.now), **common, **file) for file in (ours, theirs)]
        return acts.write(unit, anna, "<p>Am Fluss</p>", media=media)

    post = await stadt.write(write)
    page = await page_of(stadt, f"/@anna/{post.id}")
    picture = page.one("main img")
    assert (picture.get("src"), picture.get("alt")) == (f"{stadt.origin}/media/cd34.webp", "Ein Steg")
    elsewhere = page.one(".media-elsewhere")
    assert elsewhere.text_content().split() == ["Datei", "bei", "nord.example:", "Ein", "Fluss"]
    assert page.meta("og:image") == [f"{stadt.origin}/media/cd34.webp"]
    sources = [element.get("src") for element in page.all("[src]")]
    assert all(source.startswith((stadt.origin, "/")) for source in sources), "nothing comes from third parties"


async def test_a_post_is_shown_in_the_readers_language_if_it_has_it(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    texts = {"de": "<p>Guten Tag</p>", "en": "<p>Good day</p>"}
    post = await stadt.write(acts.write, anna, texts["de"], language="de", content_map=texts)
    for language, text in (("de", "Guten Tag"), ("en", "Good day")):
        page = await page_of(stadt, f"/@anna/{post.id}", Accept_Language=language)
        assert page.posts == [text]
        assert page.one(".status-content").get("lang") == language
