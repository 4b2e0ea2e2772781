"""The instance's own emoji. https://docs.joinmastodon.org/methods/custom_emojis/"""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from fediverse_kommune.cli import main
from fediverse_kommune.media.sizes import Purpose
from fediverse_kommune.services.emojis import add_emoji, remove_emoji
from fediverse_kommune.services.refusals import Invalid, NotFound
from tests.client import anonymous, app_of
from tests.pictures import picture, size_of
from tests.town import Town


async def offer(town: Town, tmp_path: Path, shortcode: str, category: str | None = None, frames: int = 1) -> None:
    """Do what the command line does, while the town runs."""
    path = tmp_path / "bild.gif"
    path.write_bytes(picture("GIF", (512, 256), frames=frames))
    studio = town.app.server.studio
    drawn = await studio.draw_file(path, Purpose.EMOJI)
    await studio.remove(*await town.write(add_emoji, shortcode, drawn.key, drawn.thumbnail_key, category))


async def test_an_emoji_is_offered_and_shown_where_it_is_written(stadt: Town, tmp_path: Path) -> None:
    await offer(stadt, tmp_path, "wappen", "Stadt", frames=3)
    await offer(stadt, tmp_path, "brezel")
    listed = (await anonymous(stadt).get("/api/v1/custom_emojis"))[::-1]
    assert [(emoji["shortcode"], emoji["visible_in_picker"]) for emoji in listed] == [
        ("wappen", True),
        ("brezel", True),
    ]
    assert [emoji.get("category") for emoji in listed] == ["Stadt", None]
    crest = listed[0]
    anna = await app_of(stadt, "anna")
    assert size_of((await anna.ask("GET", urlsplit(crest["url"]).path)).body, frames=3) == (362, 181)
    assert size_of((await anna.ask("GET", urlsplit(crest["static_url"]).path)).body) == (362, 181)
    status = await anna.write("Heute :wappen: um 12:brezel:30 :unbekannt:", spoiler_text=":brezel:")
    shown = [(emoji["shortcode"], emoji["url"], emoji["static_url"]) for emoji in status["emojis"]]
    assert shown == [(each["shortcode"], each["url"], each["static_url"]) for each in listed]
    tags = (await stadt.get(urlsplit(status["uri"]).path))[1]["tag"]
    assert [tag["name"] for tag in tags if tag["type"] == "Emoji"] == [":wappen:", ":brezel:"]
    assert tags[0]["icon"]["url"] == crest["url"]


async def test_an_emoji_stands_in_a_profile(stadt: Town, tmp_path: Path) -> None:
    await offer(stadt, tmp_path, "wappen")
    anna = await app_of(stadt, "anna")
    for form in ({"display_name": "Anna :wappen:"}, {"display_name": "Anna", "note": ":wappen:"}):
        account = await anna.patch("/api/v1/accounts/update_credentials", json=form)
        assert [emoji["shortcode"] for emoji in account["emojis"]] == ["wappen"]
    account = await anna.patch("/api/v1/accounts/update_credentials", json={"note": ""})
    assert account["emojis"] == []


async def test_a_new_picture_replaces_the_former(stadt: Town, tmp_path: Path) -> None:
    await offer(stadt, tmp_path, "wappen")
    former = (await anonymous(stadt).get("/api/v1/custom_emojis"))[0]
    await offer(stadt, tmp_path, "wappen", "Neu")
    (now,) = await anonymous(stadt).get("/api/v1/custom_emojis")
    assert now["category"] == "Neu"
    for name in ("url", "static_url"):
        assert (await anonymous(stadt).ask("GET", urlsplit(former[name]).path)).status == 404
        assert (await anonymous(stadt).ask("GET", urlsplit(now[name]).path)).status == 200


async def test_a_shortcode_can_be_written_between_colons(stadt: Town, subtests: pytest.Subtests) -> None:
    for shortcode in ["x", "a b", "wäppen", "a:b", "", "x" * 65, "../x"]:
        with subtests.test(shortcode=shortcode), pytest.raises(Invalid):
            await stadt.write(add_emoji, shortcode, "a", "a", None)


async def test_only_what_is_there_can_be_removed(stadt: Town) -> None:
    with pytest.raises(NotFound):
        await stadt.write(remove_emoji, "wappen")


def test_the_command_line_adds_lists_and_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(
        '[instance]\norigin = "https://social.musterstadt.example"\nname = "Musterstadt"\n', encoding="utf-8"
    )
    (tmp_path / "bild.png").write_bytes(picture("PNG", (64, 64)))
    (tmp_path / "liste.txt").write_bytes(b"#EXTM3U\n")
    added = CliRunner().invoke(main, ["emoji", "add", "wappen", "bild.png", "--category", "Stadt"])
    assert (added.exit_code, ":wappen:" in added.output) == (0, True), added.output
    assert CliRunner().invoke(main, ["emoji", "list"]).output == ":wappen:\tStadt\n"
    assert CliRunner().invoke(main, ["emoji", "add", "w", "bild.png"]).exit_code == 1
    assert CliRunner().invoke(main, ["emoji", "add", "liste", "liste.txt"]).exit_code == 1
    kept = list((tmp_path / "data" / "media").rglob("*.png"))
    assert len(kept) == 1, "what was refused left nothing behind"
    assert CliRunner().invoke(main, ["emoji", "remove", "wappen"]).exit_code == 0
    assert CliRunner().invoke(main, ["emoji", "remove", "wappen"]).exit_code == 1
    assert list((tmp_path / "data" / "media").rglob("*.*")) == []
