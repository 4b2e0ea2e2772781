"""A small town to try things out in: its configuration, its people with their clubs, and what they have said lately.

Written by `fediverse-kommune run` at the first start, and by tests that need a town with life in it.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from msgspec import Struct
from sqlalchemy import select

from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.config import Config
from fediverse_kommune.event_words import TOWN_TIME
from fediverse_kommune.models import Role, Standing, User
from fediverse_kommune.services import interactions, relationships, statuses, teams
from fediverse_kommune.services.accounts import Field, NewUser, ProfileForm, create_team, create_user, update_profile
from fediverse_kommune.services.passwords import hash_password
from fediverse_kommune.services.relationships import FollowWishes
from fediverse_kommune.services.statuses import StatusForm

CONFIG = """\
# A municipality to try out, on this machine only. config.example.toml explains every key there is.

[instance]
# Where the instance answers. It is part of every id, so it can never change: a real town begins with a new file.
origin = "http://127.0.0.1:8000"
name = "Musterstadt"
description = "Das Netzwerk der Menschen, Vereine und Ämter in Musterstadt."
contact_email = "buergerbuero@musterstadt.example"
languages = ["de", "en"]

[server]
listen = "127.0.0.1:8000"

[database]
# A file that is made at the first start, next to this one if that is where the server is started.
url = "sqlite:///data/kommune.db"

[media]
storage = "data/media"

[federation]
# For trying out only: a real town answers over https and reaches public addresses only, so both lines go.
allow_http = true
allow_networks = ["127.0.0.0/8"]
"""

DOMAIN = "musterstadt.example"  # of the e-mail addresses: reserved by RFC 2606, so no mail ever arrives anywhere


class Login(Struct, frozen=True):
    """Somebody who can log in. The password exists nowhere else in the clear."""

    name: str
    username: str
    email: str
    password: str
    role: Role
    teams: tuple[str, ...] = ()


class Profile(Struct, frozen=True):
    """An actor of the seeded town, and what it says about itself."""

    username: str
    name: str
    note: str
    role: Role = Role.USER
    fields: tuple[Field, ...] = ()


class Team(Struct, frozen=True):
    """A club or an office, whose first member owns it and whose others edit."""

    kind: str
    profile: Profile
    members: tuple[str, ...]


class Post(Struct, frozen=True):
    """Something said so many days ago. `reply_to` is the `key` of an earlier post; likes and announces name actors."""

    days_ago: int
    clock: time
    author: str
    text: str
    key: str = ""
    reply_to: str = ""
    spoiler: str = ""
    visibility: Visibility = Visibility.PUBLIC
    pinned: bool = False
    likes: tuple[str, ...] = ()
    announces: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------- the town

PEOPLE = (
    Profile("sabine", "Sabine Krüger", "Arbeitet im Rathaus und betreut dieses Netzwerk.", Role.ADMIN),
    Profile(
        "aylin",
        "Aylin Demir",
        "Wohnt am Lindenplatz, fährt bei jedem Wetter #Fahrrad und fotografiert, was blüht.",
        fields=(Field("Stadtteil", "Nordstadt"), Field("Pronomen", "sie/ihr")),
    ),
    Profile("jonas", "Jonas Weber", "Trainer der B-Jugend. Repariert im #Repaircafé, was andere wegwerfen."),
)

TEAMS = (
    Team(
        "Organization",
        Profile(
            "rathaus",
            "Stadt Musterstadt",
            "Nachrichten aus dem Rathaus. Antworten werktags von 8 bis 16 Uhr.",
            fields=(Field("Anschrift", "Marktplatz 1, 12345 Musterstadt"), Field("Telefon", "01234 5670")),
        ),
        members=("sabine",),
    ),
    Team(
        "Group",
        Profile(
            "tsv",
            "TSV Musterstadt 1898",
            "Turnen, Fußball, Leichtathletik und ein Vereinsheim mit guter Küche. Schnuppern kostet nichts.",
            fields=(Field("Sportplatz", "Am Mühlbach 12"), Field("Training", "montags bis donnerstags ab 17 Uhr")),
        ),
        members=("jonas", "sabine"),
    ),
)

FOLLOWS = {
    "sabine": ("rathaus", "tsv", "aylin", "jonas"),
    "aylin": ("rathaus", "tsv", "jonas", "sabine"),
    "jonas": ("rathaus", "tsv", "aylin"),
    "rathaus": ("tsv",),
    "tsv": ("rathaus",),
}

POSTS = (
    Post(
        9,
        time(9, 0),
        "rathaus",
        "Herzlich willkommen im Netzwerk von Musterstadt! Hier schreiben die Ämter, die Vereine und alle, die hier "
        "wohnen. Wer uns von einem anderen Server aus folgt, liest genauso mit.\n\nFragen? Einfach antworten. "
        "#Musterstadt",
        key="willkommen",
        pinned=True,
        likes=("aylin", "jonas", "sabine"),
        announces=("tsv",),
    ),
    Post(
        8,
        time(17, 40),
        "tsv",
        "Am Samstag ab 14 Uhr ist #Vereinsfest am Mühlbach: Spiele für die Kleinen, Kuchen für die Großen und um 18 "
        "Uhr das Spiel gegen Nordstadt. Helfende Hände zum Aufbau sind ab 10 Uhr willkommen! #TSVMusterstadt",
        key="fest",
        likes=("aylin", "sabine"),
        announces=("jonas", "rathaus"),
    ),
    Post(
        8,
        time(19, 5),
        "aylin",
        "@tsv Ich bringe zwei Bleche Apfelkuchen mit. Einer davon ist vegan.",
        key="kuchen",
        reply_to="fest",
        likes=("jonas", "tsv"),
    ),
    Post(
        8,
        time(19, 20),
        "jonas",
        "@aylin @tsv Dann bin ich ab 10 Uhr da und halte beim Aufbau die Bleche fest.",
        reply_to="kuchen",
        visibility=Visibility.UNLISTED,
    ),
    Post(
        6,
        time(8, 15),
        "rathaus",
        "Das #Bürgerbüro hat jetzt auch donnerstags bis 19 Uhr geöffnet, ohne Termin. Für Ausweise und Pässe bitte ein "
        "aktuelles Foto mitbringen.",
        key="buero",
        likes=("aylin", "jonas"),
        announces=("sabine",),
    ),
    Post(
        6,
        time(12, 30),
        "jonas",
        "@rathaus Kann ich dort auch den Anwohnerparkausweis verlängern?",
        key="frage",
        reply_to="buero",
    ),
    Post(
        6,
        time(13, 10),
        "rathaus",
        "@jonas Ja, mit dem alten Ausweis und dem Fahrzeugschein. Es dauert fünf Minuten.",
        reply_to="frage",
        likes=("jonas",),
    ),
    Post(
        4,
        time(20, 45),
        "jonas",
        "4:3 nach Verlängerung, das Siegtor fiel in der 118. Minute durch unsere Torhüterin. Ich bin heiser. "
        "#TSVMusterstadt",
        spoiler="Das Ergebnis vom Samstag",
        likes=("aylin", "tsv"),
    ),
    Post(
        3,
        time(9, 30),
        "aylin",
        "Am #Wochenmarkt gibt es wieder Quitten vom Hof Sommer. Wer früh kommt, bekommt auch noch Federweißen. #Herbst",
        likes=("sabine",),
        announces=("jonas",),
    ),
    Post(
        2,
        time(15, 20),
        "sabine",
        "Unter uns: Der Sitzungssaal hat endlich WLAN. Das Passwort hängt an der Tür.",
        visibility=Visibility.PRIVATE,
        likes=("aylin",),
    ),
    Post(
        2,
        time(16, 0),
        "rathaus",
        "Die Brücke an der Mühlgasse ist von Montag bis Freitag gesperrt. Zu Fuß und mit dem #Fahrrad geht es über den "
        "Steg, die Linie 3 hält am Lindenplatz. #Baustelle",
        key="bruecke",
        likes=("jonas",),
        announces=("aylin", "sabine"),
    ),
    Post(
        1,
        time(19, 45),
        "jonas",
        "Im #Repaircafé waren heute neun Toaster, drei Fahrräder und eine Drehorgel. Alle bis auf einen Toaster laufen "
        "wieder. Nächstes Mal: letzter Freitag im Monat, Gemeindehaus, 17 Uhr.",
        likes=("aylin", "sabine", "rathaus"),
        announces=("rathaus",),
    ),
)


# --------------------------------------------------------------------------------------------------- planting


def write_config(path: Path) -> None:
    """Write the configuration of an instance to try out. Raises `FileExistsError` rather than replace one."""
    with path.open("x", encoding="utf-8") as file:
        file.write(CONFIG)


def plant(unit: Unit) -> list[Login] | None:
    """Fill an empty instance with people, a club, an office and what they say; return who can log in.

    Returns None, and changes nothing, if somebody can log in already.
    """
    if unit.scalar(select(User.id).limit(1)) is not None:
        return None
    present = unit.now
    unit.now = written_at(POSTS[0], present) - timedelta(days=1)
    logins, users = _plant_people(unit)
    actors = {profile.username: users[profile.username].actor_id for profile in PEOPLE}
    actors |= {team.profile.username: _plant_team(unit, team, users) for team in TEAMS}
    for profile in (*PEOPLE, *(team.profile for team in TEAMS)):
        _describe_actor(unit, profile, actors)
    for follower, followed in FOLLOWS.items():
        for name in followed:
            relationships.follow(unit, unit.get_one(Actor, actors[follower]), actors[name], FollowWishes())
    _plant_posts(unit, actors, present)
    unit.now = present
    return logins


def written_at(post: Post, present: datetime) -> datetime:
    """Return when a post was written: on that day, at that time of day by the town's clock."""
    day = present.astimezone(TOWN_TIME).date() - timedelta(days=post.days_ago)
    return datetime.combine(day, post.clock, TOWN_TIME).astimezone(UTC)


def describe(config: Config, logins: Sequence[Login]) -> str:
    """Return the table that is shown once: who can log in, with which password, and for whom they write."""
    rows = [(login.name, login.email, login.password, _duties(login)) for login in logins]
    heading = ("Name", "E-Mail-Adresse", "Passwort", "Aufgaben")
    widths = [max(len(row[column]) for row in (heading, *rows)) for column in range(len(heading))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heading, *rows)]
    rule = "─" * len(lines[0].rstrip())
    return "\n".join(
        [
            f"{config.instance.name} ist eingerichtet. Diese Zugänge werden nur dieses eine Mal gezeigt:",
            "",
            lines[0].rstrip(),
            rule,
            *(line.rstrip() for line in lines[1:]),
            "",
            f"Anmelden: {config.instance.origin}/login, oder mit jeder Mastodon-App unter dieser Adresse.",
        ]
    )


def _duties(login: Login) -> str:
    duties = ["verwaltet die Instanz"] if login.role is Role.ADMIN else []
    if login.teams:
        duties.append("schreibt auch als " + " und ".join(f"@{team}" for team in login.teams))
    return ", ".join(duties) or "–"


def _plant_people(unit: Unit) -> tuple[list[Login], dict[str, User]]:
    """Create those who log in, each with a password of 96 random bits."""
    logins, users = [], {}
    for profile in PEOPLE:
        belongs = tuple(team.profile.username for team in TEAMS if profile.username in team.members)
        email, password = f"{profile.username}@{DOMAIN}", secrets.token_urlsafe(12)
        logins.append(Login(profile.name, profile.username, email, password, profile.role, belongs))
        # Hashing takes its time and has no place in a unit; here nobody waits but who starts the server first.
        new = NewUser(profile.username, email, hash_password(password), profile.name, profile.role, confirmed=True)
        users[profile.username] = create_user(unit, new)
    return logins, users


def _plant_team(unit: Unit, team: Team, users: Mapping[str, User]) -> int:
    owner, *editors = (users[name] for name in team.members)
    actor = create_team(unit, owner.id, team.profile.username, kind=team.kind, name=team.profile.name)
    for user in editors:
        teams.set_member(unit, owner.id, actor.id, user.id, Standing.EDITOR)
    return actor.id


def _describe_actor(unit: Unit, profile: Profile, actors: Mapping[str, int]) -> None:
    form = ProfileForm(note=profile.note, fields=profile.fields, indexable=True)
    update_profile(unit, actors[profile.username], form)


def _plant_posts(unit: Unit, actors: Mapping[str, int], present: datetime) -> None:
    """Let the last days happen in their order: ids and times of posts are those of the moment they were written."""
    written: dict[str, Status] = {}
    for post in POSTS:
        unit.now = written_at(post, present)
        author = unit.get_one(Actor, actors[post.author])
        form = StatusForm(
            text=post.text,
            visibility=post.visibility,
            in_reply_to_id=written[post.reply_to].id if post.reply_to else None,
            spoiler_text=post.spoiler,
            language="de",
        )
        status = written[post.key] = statuses.create_status(unit, author, form)
        if post.pinned:
            interactions.pin(unit, author, status.id)
        unit.now += timedelta(minutes=20)
        for name in post.likes:
            interactions.like(unit, unit.get_one(Actor, actors[name]), status.id)
        for name in post.announces:
            interactions.announce(unit, unit.get_one(Actor, actors[name]), status.id)
