"""`config.toml` becomes frozen values here, checked once at start. Nothing else reads it."""

import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct, ValidationError, convert, field
from sqlalchemy.exc import ArgumentError

from activitypub.instance import LocalInstance
from fediverse_kommune.database import driver_url
from fediverse_kommune.media.kinds import KINDS
from webfinger.host import InvalidHost, canonical_host


class ConfigError(Exception):
    """The configuration cannot be used; the text names the key and how to mend it."""


class InstanceConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[instance]`: who we are. `origin` is for ever: it is part of every id."""

    origin: str
    name: str
    account_domain: str | None = None
    description: str = ""
    contact_email: str = ""
    languages: tuple[str, ...] = ("de",)
    registrations_open: bool = False
    registrations_message: str = ""
    approval_required: bool = False
    min_age: int | None = None
    show_domain_blocks: Literal["nobody", "members", "everybody"] = "nobody"
    review_trends: bool = False


class ServerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[server]`: where we listen, and how many proxies in front of us may be believed."""

    listen: str = "127.0.0.1:8000"
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")


class DatabaseConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[database]`: SQLite by default; PostgreSQL for several processes."""

    url: str = "sqlite:///data/kommune.db"


class MediaConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[media]`: where files are kept, and how large and how long one may be (megabytes, minutes).

    `ffmpeg` names the program that reads sound and films; `switched_off` kinds of file that are not taken.
    """

    storage: str = "data/media"
    image_limit_mb: int = 16
    film_limit_mb: int = 99
    film_limit_minutes: int = 30
    ffmpeg: str | None = None
    switched_off: tuple[str, ...] = ()


class LimitsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[limits]`: how often one app, or one network without a login, may ask. The figures are Mastodon's."""

    requests: int = 300
    uploads: int = 30
    deletions: int = 30
    exports: int = 4
    sign_ups: int = 5


class FederationConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[federation]`: how we talk to others, and to whom.

    "open": to all but whom somebody here has shut out; "blocklist": lists that others keep may be taken over as well;
    "allowlist": to those only who are allowed. `secure_mode` is on with an allowlist and off without one unless it says
    otherwise. `relay` is whether an actor here passes public posts on. `allow_…` are for a test network on this machine
    only.
    """

    mode: Literal["open", "blocklist", "allowlist"] = "blocklist"
    secure_mode: bool | None = None
    relay: bool = False
    backfill: bool = True
    allow_http: bool = False
    allow_networks: tuple[str, ...] = ()

    @property
    def asks_for_signatures(self) -> bool:
        """True if nothing is shown to a server that does not say who it is."""
        return self.mode == "allowlist" if self.secure_mode is None else self.secure_mode


class TranslationConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[translation]`: who translates posts. `allow_networks` is where the translator may live besides the internet."""

    url: str | None = None
    api_key: str | None = None
    allow_networks: tuple[str, ...] = ()

    def allowed_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return the private networks in which the translator may live."""
        return tuple(ip_network(text) for text in self.allow_networks)


class MailConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """`[mail]`: the server through which we send. Without a host nothing is sent."""

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = field(default="", name="from")


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an administrator decides before the start. The keys are explained in `config.example.toml`."""

    instance: InstanceConfig
    server: ServerConfig = ServerConfig()
    database: DatabaseConfig = DatabaseConfig()
    media: MediaConfig = MediaConfig()
    limits: LimitsConfig = LimitsConfig()
    translation: TranslationConfig = TranslationConfig()
    federation: FederationConfig = FederationConfig()
    mail: MailConfig = MailConfig()

    def local_instance(self) -> LocalInstance:
        """Return who we are on the network, with hosts in canonical form."""
        test = self.federation.allow_http
        parts = urlsplit(self.instance.origin)
        host = canonical_host(parts.netloc, test_network=test)
        account_domain = self.instance.account_domain or host
        return LocalInstance(
            origin=f"{parts.scheme}://{host}",
            account_domain=canonical_host(account_domain, test_network=test),
            name=self.instance.name,
            secure_mode=self.federation.asks_for_signatures,
            limited_federation=self.federation.mode == "allowlist",
            relays=self.federation.relay,
            takes_lists=self.federation.mode != "open",
            backfills=self.federation.backfill,
            test_network=test,
        )

    @property
    def sends_mail(self) -> bool:
        """True if there is a way to send mail."""
        return bool(self.mail.host)

    @property
    def lets_people_register(self) -> bool:
        """True if somebody can get an account by themselves: it is allowed, and the mail that confirms can be sent."""
        return self.instance.registrations_open and self.sends_mail

    def allowed_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return the private networks that a test network may reach."""
        return tuple(ip_network(text) for text in self.federation.allow_networks)

    def listen_address(self) -> tuple[str, int]:
        """Return the host and port to listen on."""
        host, _, port = self.server.listen.rpartition(":")
        return host.strip("[]"), int(port)


def load_config(path: Path) -> Config:
    """Read and check the file at `path`. Raises `ConfigError` with one sentence that names the key and the mend."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no configuration at {path}: copy config.example.toml there and set [instance] origin and name."
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): give this user the right to read it.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 from byte {error.start} on: save it in that encoding.") from error
    try:
        config = convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML ({error}): mend the line it names.") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {error}. config.example.toml explains every key.") from error
    _check(config)
    return config


def _check(config: Config) -> None:
    """Refuse what contradicts itself, before anything is opened."""
    _check_instance(config)
    _check_listen(config)
    _check_networks(config)
    _check_federation(config.federation)
    _check_translation(config.translation)
    _check_database(config.database.url)
    _check_mail(config.mail)
    _check_media(config.media)


def _check_instance(config: Config) -> None:
    parts = _split(config.instance.origin)
    schemes = {"https", "http"} if config.federation.allow_http else {"https"}
    if parts.scheme not in schemes or not parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError(
            '[instance] origin must be scheme and host only, such as "https://social.musterstadt.example"'
            " (http is possible only with [federation] allow_http = true, in a test network)."
        )
    if not config.instance.name.strip():
        raise ConfigError("[instance] name is empty: give the town's name, as people should read it.")
    for key, host in (("origin", parts.netloc), ("account_domain", config.instance.account_domain)):
        try:
            if host is not None:
                canonical_host(host, test_network=config.federation.allow_http)
        except InvalidHost as error:
            raise ConfigError(f"[instance] {key}: {error}; write it like social.musterstadt.example.") from error


def _split(origin: str) -> SplitResult:
    try:
        return urlsplit(origin)
    except ValueError:  # a bracket that is not closed
        return SplitResult("", "", "", "", "")


def _check_listen(config: Config) -> None:
    host, _, port = config.server.listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) <= 65_535:
        raise ConfigError('[server] listen must be an address and a port, such as "127.0.0.1:8000".')


def _check_database(url: str) -> None:
    try:
        parsed = driver_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            f'[database] url is not usable ({error}): write it like "sqlite:///data/kommune.db"'
            ' or "postgresql://user@host/name".'
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigError('[database] url names no file: write it like "sqlite:///data/kommune.db".')


def _check_media(media: MediaConfig) -> None:
    for key, what in (
        ("image_limit_mb", "the size of one picture in megabytes"),
        ("film_limit_mb", "the size of one film or recording in megabytes"),
        ("film_limit_minutes", "the length of one film in minutes"),
    ):
        if getattr(media, key) <= 0:
            raise ConfigError(f"[media] {key} must be above 0: it is {what}.")
    for name in media.switched_off:
        if name not in KINDS:
            raise ConfigError(f"[media] switched_off: {name!r} is no kind of file; there are {', '.join(KINDS)}.")


def _check_mail(mail: MailConfig) -> None:
    if not mail.host:
        return
    if not 0 < mail.port <= 65_535:
        raise ConfigError("[mail] port must be a number from 1 to 65535, such as 587.")
    if "@" not in mail.sender or any(ord(character) < 32 for character in mail.sender):
        raise ConfigError(
            '[mail] from must be the address that sends, such as "Musterstadt <noreply@musterstadt.example>".'
        )


def _check_networks(config: Config) -> None:
    for section, networks in (
        ("federation", config.federation.allow_networks),
        ("translation", config.translation.allow_networks),
    ):
        for text in networks:
            try:
                ip_network(text)
            except ValueError as error:
                raise ConfigError(f'[{section}] allow_networks: {error}; write it like "127.0.0.0/8".') from error


def _check_federation(federation: FederationConfig) -> None:
    if federation.mode == "allowlist" and federation.secure_mode is False:
        raise ConfigError(
            '[federation] secure_mode = false contradicts mode = "allowlist": who is not allowed could read without a'
            " signature. Remove secure_mode, or choose another mode."
        )


def _check_translation(translation: TranslationConfig) -> None:
    if translation.url is None:
        return
    parts = _split(translation.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ConfigError('[translation] url must be an address such as "https://translate.musterstadt.example".')
    if parts.scheme == "http" and not translation.allow_networks:
        raise ConfigError(
            "[translation] url may be http only in a network of your own: name that in [translation] allow_networks,"
            ' such as ["127.0.0.0/8"], or use https.'
        )
