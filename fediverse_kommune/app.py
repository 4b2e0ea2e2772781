"""The only wiring: who gets whom handed. Everything else is told what it needs and imports nobody above it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from quart import Quart

import activitypub.routes
import fediverse_kommune.api.oauth.authorize
import fediverse_kommune.api.routes
import fediverse_kommune.media.routes
import fediverse_kommune.web.interact
import fediverse_kommune.web.login
import fediverse_kommune.web.pages
import inbox.routes
import outbox.routes
import outbox.worker
import webfinger.routes
from activitypub.authorized_fetch import ViewerFinder
from activitypub.caps import CAPS
from activitypub.context import Clock, FederationContext
from activitypub.discovery import LocalResources
from activitypub.domain_blocks import DomainBlocks
from activitypub.events import ActorRestored, ActorSuspended, DeliveriesQueued, DomainPolicyChanged
from activitypub.http import Egress
from activitypub.http import Resolver as NameLookup
from activitypub.instance_key import InstanceSigner
from activitypub.resolver import Resolver
from activitypub.tasks import Worker
from activitypub.unit import Subscriber, Unit
from fediverse_kommune import migrations
from fediverse_kommune.agenda import Agenda
from fediverse_kommune.api.limits import Limiter
from fediverse_kommune.bodies import STREAM_FACTORY, BoundedRequest
from fediverse_kommune.config import Config
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.events import IpBlocksChanged
from fediverse_kommune.fanout import SUBSCRIBERS
from fediverse_kommune.housekeeping import Housekeeping
from fediverse_kommune.media.arrival import Limits, stream_factory
from fediverse_kommune.media.films import find_ffmpeg
from fediverse_kommune.media.process import Studio
from fediverse_kommune.media.store import LocalFolder
from fediverse_kommune.media.work import media_worker
from fediverse_kommune.networks import ShutOutNetworks
from fediverse_kommune.server import Server
from fediverse_kommune.services import media_jobs
from fediverse_kommune.services.filtering import FilterCache
from fediverse_kommune.services.statistics import Statistics
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import Sessions
from inbox.authenticate import Authenticator
from inbox.queue import InboxQueue
from inbox.worker import InboxWork, release_all

log = logging.getLogger(__name__)

INBOX_ROOM = 32  # actors whose activities are worked on at once


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


class Kommune(Quart):
    """The web application of one instance, with what it is made of."""

    server: Server


@dataclass(slots=True)
class Doorbell:
    """Rung inside the database's units, answered by what is made after the database: a worker, and what remembers."""

    answer: Callable[[], None] = lambda: None
    forget_actor: Callable[[int], None] = lambda _: None
    forget_domains: Callable[[], None] = lambda: None
    forget_networks: Callable[[], None] = lambda: None

    def ring(self) -> None:
        """Tell whoever answers that there is work."""
        self.answer()


def create_app(config: Config, *, clock: Clock = utc_now, look_up: NameLookup | None = None) -> Kommune:
    """Return an instance ready to be served. `clock` and `look_up` (names to addresses) are for tests.

    Nothing is sent before the first request; the database is brought up to date when serving begins.
    """
    bell = Doorbell()
    server = assemble(config, clock, look_up, bell)
    app = Kommune(__name__, template_folder=str(template_folder()), static_folder="static")
    app.server = server
    networks = ShutOutNetworks(server.db, clock)
    bell.forget_networks = networks.forget
    networks.install(app)
    _add_federation(app, server, bell)
    _add_people(app, server)
    return app


def assemble(config: Config, clock: Clock, look_up: NameLookup | None, bell: Doorbell) -> Server:
    """Open the database and make what every room needs."""
    instance = config.local_instance()
    db = Database(config.database.url, UnitSetting(clock, instance, _subscribers(bell)))
    egress = Egress(
        user_agent=f"fediverse_kommune/{version('fediverse-kommune')} (+{instance.origin})",
        allow_networks=config.allowed_networks(),
        allow_http=config.federation.allow_http,
        resolver=look_up,
    )
    signer = InstanceSigner(clock)
    blocks = DomainBlocks(db, instance)
    resolver = Resolver(FederationContext(db, egress, instance, clock, signer, blocks))
    bell.forget_actor, bell.forget_domains = resolver.forget, blocks.forget
    studio = open_studio(config)
    return Server(
        config,
        instance,
        db,
        resolver,
        blocks,
        clock,
        signer,
        Statistics(db, clock),
        Limiter(config.limits),
        studio,
        media_worker(db, studio),
        FilterCache(clock),
    )


def open_studio(config: Config) -> Studio:
    """Return the room where uploads are drawn anew; say so if it cannot read sound and films."""
    ffmpeg = find_ffmpeg(config.media.ffmpeg)
    if ffmpeg is None:
        log.warning("There is no ffmpeg ([media] ffmpeg): people can attach pictures, but no sound and no films.")
    return Studio(
        LocalFolder(Path(config.media.storage)),
        ffmpeg=ffmpeg,
        switched_off=config.media.switched_off,
        film_seconds=config.media.film_limit_minutes * 60.0,
    )


def _subscribers(bell: Doorbell) -> Mapping[type, tuple[Subscriber, ...]]:
    """Return who hears of what: fan-out of everything, the outbox of what waits for it, memory of what is outdated."""

    def wake_outbox(unit: Unit, _event: DeliveriesQueued) -> None:
        unit.on_commit(bell.ring)

    def forget_actor(unit: Unit, event: ActorSuspended | ActorRestored) -> None:
        unit.on_commit(lambda: bell.forget_actor(event.actor.id))

    def forget_domains(unit: Unit, _event: DomainPolicyChanged) -> None:
        unit.on_commit(bell.forget_domains)

    def forget_networks(unit: Unit, _event: IpBlocksChanged) -> None:
        unit.on_commit(bell.forget_networks)

    further: Mapping[type, Subscriber] = {
        DeliveriesQueued: wake_outbox,
        ActorSuspended: forget_actor,
        ActorRestored: forget_actor,
        DomainPolicyChanged: forget_domains,
        IpBlocksChanged: forget_networks,
    }
    return {**SUBSCRIBERS, **{event: (*SUBSCRIBERS.get(event, ()), hears) for event, hears in further.items()}}


def _add_federation(app: Kommune, server: Server, bell: Doorbell) -> None:
    """Register what other servers talk to, and the workers behind it."""
    resolver, blocks, instance = server.resolver, server.blocks, server.instance
    viewers = ViewerFinder(resolver, blocks)
    queue = InboxQueue(server.db)
    inbox_worker = Worker(InboxWork(resolver, blocks, queue.is_pressing), name="inbox", room=INBOX_ROOM)
    outbox_worker = outbox.worker.outbox_worker(resolver.ctx)
    bell.answer = outbox_worker.wake
    resources = LocalResources(server.db, instance)
    app.register_blueprint(webfinger.routes.routes(resources.find, origin=instance.origin))
    app.register_blueprint(activitypub.routes.blueprint(resolver, viewers))
    app.register_blueprint(
        inbox.routes.blueprint(resolver, Authenticator(resolver, blocks), queue, inbox_worker.wake, CAPS.body_bytes)
    )
    app.register_blueprint(outbox.routes.blueprint(resolver.ctx, viewers))
    workers: list[asyncio.Task[None]] = []

    @app.before_serving
    async def start() -> None:
        await asyncio.to_thread(migrations.upgrade, server.db.engine)
        await server.signer.load(server.db)
        if server.db.is_exclusive:
            await server.db.write(release_all)
        workers.extend(asyncio.create_task(worker.run()) for worker in (inbox_worker, outbox_worker))

    @app.after_serving
    async def stop() -> None:
        await asyncio.gather(inbox_worker.stop(), outbox_worker.stop())
        await resolver.ctx.http.close()
        server.db.close()


def _add_people(app: Kommune, server: Server) -> None:
    """Register what residents talk to, with apps and with browsers."""
    _receive_uploads(app, server)
    sessions = Sessions(server.db, server.clock, server.instance)
    guard = FormGuard(server.instance, sessions.cookie)
    login = fediverse_kommune.web.login.blueprint(server, sessions, guard)
    guard.install(login)
    app.register_blueprint(login)
    app.register_blueprint(fediverse_kommune.api.oauth.authorize.blueprint(server, sessions, guard))
    app.register_blueprint(fediverse_kommune.api.routes.blueprint(server))
    app.register_blueprint(fediverse_kommune.media.routes.blueprint(server.studio.store))
    app.register_blueprint(fediverse_kommune.web.pages.blueprint(server, sessions))
    app.register_blueprint(fediverse_kommune.web.interact.blueprint(server, sessions, guard))
    workers: list[asyncio.Task[None]] = []
    housekeeping, agenda = Housekeeping(server), Agenda(server)

    @app.before_serving
    async def start() -> None:
        if server.db.is_exclusive:
            await server.db.write(media_jobs.release_all)
        workers.append(asyncio.create_task(server.media_worker.run()))
        # Quart sets the event, then waits for its tasks, and only then calls what is to stop.
        app.add_background_task(housekeeping.run, app.shutdown_event)
        app.add_background_task(agenda.run, app.shutdown_event)


def _receive_uploads(app: Kommune, server: Server) -> None:
    """Let files arrive on the disk where they are kept, and no longer than their kind may be (row E14)."""
    media = server.config.media
    megabytes = max(media.image_limit_mb, media.film_limit_mb if server.studio.takes_films else 0)
    limits = Limits(media.image_limit_mb * 1_000_000, megabytes * 1_000_000)
    app.request_class = BoundedRequest
    app.config["MAX_CONTENT_LENGTH"] = megabytes * 1_000_000 + CAPS.body_bytes
    app.config[STREAM_FACTORY] = stream_factory(server.studio.store.incoming, limits)


def template_folder() -> Path:
    """Return the templates: inside the package when installed, beside it in a checkout."""
    packaged = Path(__file__).parent / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"
