"""The only wiring: who gets whom handed. Everything else is told what it needs and imports nobody above it."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from quart import Quart

import activitypub.collection_routes
import activitypub.routes
import fediverse_kommune.api.oauth.authorize
import fediverse_kommune.api.routes
import fediverse_kommune.media.routes
import fediverse_kommune.push.worker
import fediverse_kommune.web.confirm
import fediverse_kommune.web.description
import fediverse_kommune.web.federation
import fediverse_kommune.web.interact
import fediverse_kommune.web.login
import fediverse_kommune.web.pages
import fediverse_kommune.web.participation
import fediverse_kommune.web.relays
import fediverse_kommune.web.share
import fediverse_kommune.web.subscriptions
import outbox.routes
import outbox.worker
import webfinger.routes
from activitypub.authorized_fetch import ViewerFinder
from activitypub.caps import CAPS
from activitypub.context import Clock, FederationContext
from activitypub.discovery import LocalResources
from activitypub.domain_blocks import DomainBlocks
from activitypub.events import (
    ActivitiesQueued,
    ActorRestored,
    ActorSuspended,
    DeliveriesCancelled,
    DeliveriesQueued,
    DomainPolicyChanged,
)
from activitypub.graph.domains import hold_to_allowlist
from activitypub.http import Egress
from activitypub.http import Resolver as NameLookup
from activitypub.instance_key import InstanceSigner
from activitypub.resolver import Resolver
from activitypub.tasks import Worker
from activitypub.unit import Subscriber, Unit
from fediverse_kommune import migrations
from fediverse_kommune.agenda import Agenda
from fediverse_kommune.api.kept_answers import KeptAnswers
from fediverse_kommune.api.kept_statuses import KeptStatuses
from fediverse_kommune.api.limits import Limiter
from fediverse_kommune.api.pushes import assembler, find_access
from fediverse_kommune.api.recent_viewers import RecentViewers
from fediverse_kommune.backfilling import backfill_worker
from fediverse_kommune.bodies import STREAM_FACTORY, BoundedRequest
from fediverse_kommune.config import Config
from fediverse_kommune.database import Database, UnitSetting
from fediverse_kommune.events import IpBlocksChanged, PushQueued, TrendsReviewed
from fediverse_kommune.fanout import SUBSCRIBERS
from fediverse_kommune.followers_checking import followers_worker
from fediverse_kommune.housekeeping import Housekeeping
from fediverse_kommune.mail.texts import MailTexts
from fediverse_kommune.mail.work import ROOM as MAILS
from fediverse_kommune.mail.work import MailWork
from fediverse_kommune.media.arrival import Limits, stream_factory
from fediverse_kommune.media.films import find_ffmpeg
from fediverse_kommune.media.process import Studio
from fediverse_kommune.media.store import LocalFolder
from fediverse_kommune.media.work import media_worker
from fediverse_kommune.models import Mail
from fediverse_kommune.networks import ShutOutNetworks
from fediverse_kommune.previews.reading import preview_worker
from fediverse_kommune.previews.verifying import verification_worker
from fediverse_kommune.push.vapid import Vapid
from fediverse_kommune.route_rule import RouteRule
from fediverse_kommune.server import Server
from fediverse_kommune.services import media_jobs
from fediverse_kommune.services.filtering import FilterCache
from fediverse_kommune.services.statistics import Statistics
from fediverse_kommune.services.trends import Trends
from fediverse_kommune.streaming.carrier import Carrier
from fediverse_kommune.streaming.connection import Ending
from fediverse_kommune.streaming.hub import Hub
from fediverse_kommune.streaming.postgres import PostgresEar
from fediverse_kommune.streaming.signals import SIGNALS, STREAMED, AccessChanged, Outdated, WorkQueued
from fediverse_kommune.translation import open_translator
from fediverse_kommune.web.forms import FormGuard
from fediverse_kommune.web.sessions import Sessions
from inbox.authenticate import Authenticator
from inbox.door import Inbox
from inbox.queue import InboxQueue
from inbox.worker import InboxWork, release_all
from outbox.relay import ensure_relay_actor
from outbox.worker import DeliveryQueue

log = logging.getLogger(__name__)

INBOX_ROOM = 32  # actors whose activities are worked on at once


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


class Kommune(Quart):
    """The web application of one instance, with what it is made of."""

    url_rule_class = RouteRule
    server: Server
    inbox: Inbox

    async def asgi_app(self, scope: Any, receive: Any, send: Any) -> None:
        """Let in what arrives at an inbox; everything else is asked for as a page or an answer."""
        if self.inbox.takes(scope):
            await self.inbox(scope, receive, send)
        else:
            await super().asgi_app(scope, receive, send)


def create_app(config: Config, *, clock: Clock = utc_now, look_up: NameLookup | None = None) -> Kommune:
    """Return an instance ready to be served. `clock` and `look_up` (names to addresses) are for tests.

    Nothing is sent before the first request; the database is brought up to date when serving begins.
    """
    carrier = Carrier()
    server = assemble(config, clock, look_up, carrier)
    app = Kommune(__name__, template_folder=str(template_folder()), static_folder="static")
    app.server = server
    networks = ShutOutNetworks(server.db, clock)
    networks.install(app)
    _remember_rightly(server, carrier, networks)
    _add_streams(app, server, carrier)
    _add_federation(app, server, carrier, networks)
    _add_people(app, server)
    return app


def assemble(config: Config, clock: Clock, look_up: NameLookup | None, carrier: Carrier) -> Server:
    """Open the database and make what every room needs."""
    instance = config.local_instance()
    db = Database(config.database.url, UnitSetting(clock, instance, subscribers(carrier)))
    agent = f"fediverse_kommune/{version('fediverse-kommune')} (+{instance.origin})"
    egress = Egress(
        user_agent=agent,
        allow_networks=config.allowed_networks(),
        allow_http=config.federation.allow_http,
        resolver=look_up,
    )
    signer = InstanceSigner(clock)
    blocks = DomainBlocks(db, instance)
    resolver = Resolver(FederationContext(db, egress, instance, clock, signer, blocks))
    studio = open_studio(config)
    filters = FilterCache(clock)
    hub = Hub(db, assembler(instance, filters, clock), find_access)
    return Server(
        config,
        instance,
        db,
        resolver,
        blocks,
        clock,
        signer,
        Statistics(db, clock),
        Trends(db, clock, reviewed=config.instance.review_trends),
        open_translator(config.translation, clock, user_agent=agent, resolver=look_up),
        Limiter(config.limits),
        RecentViewers(db),
        KeptAnswers(db, clock),
        KeptStatuses(instance),
        studio,
        media_worker(db, studio),
        filters,
        hub,
        Vapid(clock, _contact(config)),
    )


def _contact(config: Config) -> str:
    """Return where push services can turn to if our messages trouble them (RFC 8292 section 2.1)."""
    mail = config.instance.contact_email
    return f"mailto:{mail}" if mail else config.instance.origin


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


def subscribers(carrier: Carrier) -> Mapping[type, tuple[Subscriber, ...]]:
    """Return who hears of what: fan-out of everything, and every process of what is to be carried there."""

    def to_outbox(unit: Unit, _event: DeliveriesQueued) -> None:
        carrier.carry(unit, WorkQueued("outbox"))

    def to_inbox(unit: Unit, _event: ActivitiesQueued) -> None:
        carrier.carry(unit, WorkQueued("inbox"))

    def to_push(unit: Unit, _event: PushQueued) -> None:
        carrier.carry(unit, WorkQueued("push"))

    def actor_outdated(unit: Unit, event: ActorSuspended | ActorRestored) -> None:
        carrier.carry(unit, Outdated("actor", event.actor.id))
        carrier.carry(unit, AccessChanged())

    def domains_outdated(unit: Unit, _event: DomainPolicyChanged) -> None:
        carrier.carry(unit, Outdated("domains"))

    def networks_outdated(unit: Unit, _event: IpBlocksChanged) -> None:
        carrier.carry(unit, Outdated("networks"))

    def trends_outdated(unit: Unit, _event: TrendsReviewed) -> None:
        carrier.carry(unit, Outdated("trends"))

    further: Mapping[type, Subscriber] = {
        DeliveriesQueued: to_outbox,
        ActivitiesQueued: to_inbox,
        PushQueued: to_push,
        ActorSuspended: actor_outdated,
        ActorRestored: actor_outdated,
        DomainPolicyChanged: domains_outdated,
        IpBlocksChanged: networks_outdated,
        TrendsReviewed: trends_outdated,
        **dict.fromkeys(SIGNALS, carrier.carry),
    }
    return {**SUBSCRIBERS, **{event: (*SUBSCRIBERS.get(event, ()), hears) for event, hears in further.items()}}


def _add_federation(app: Kommune, server: Server, carrier: Carrier, networks: ShutOutNetworks) -> None:
    """Register what other servers talk to, and the workers behind it."""
    resolver, blocks, instance = server.resolver, server.blocks, server.instance
    viewers = ViewerFinder(resolver, blocks)
    queue = InboxQueue(server.db)
    inbox_worker = Worker(InboxWork(resolver, blocks, queue.is_pressing), name="inbox", room=INBOX_ROOM)
    deliveries = DeliveryQueue(resolver.ctx, holder="main")
    outbox_worker = outbox.worker.outbox_worker(deliveries)
    push_worker = fediverse_kommune.push.worker.push_worker(resolver.ctx, server.vapid, server.filters)
    wake = {"inbox": inbox_worker.wake, "outbox": outbox_worker.wake, "push": push_worker.wake}
    carrier.listen([WorkQueued], lambda signal: wake[signal.queue]())
    carrier.listen([DeliveriesCancelled], lambda signal: deliveries.withdraw(signal.activity_ids))
    for wake_up in wake.values():
        carrier.when_missed(wake_up)
    resources = LocalResources(server.db, instance)
    app.register_blueprint(webfinger.routes.routes(resources.find, origin=instance.origin))
    app.register_blueprint(activitypub.collection_routes.blueprint(resolver, viewers))
    app.register_blueprint(activitypub.routes.blueprint(resolver, viewers, lambda: server.answers.generation))
    app.inbox = Inbox(resolver, Authenticator(resolver, blocks), queue, inbox_worker.wake, networks.holds)
    app.register_blueprint(outbox.routes.blueprint(resolver.ctx, viewers))
    workers: list[asyncio.Task[None]] = []

    @app.before_serving
    async def start() -> None:
        await asyncio.to_thread(migrations.upgrade, server.db.engine)
        await server.db.write(hold_to_allowlist)
        await server.db.write(ensure_relay_actor)
        await server.signer.load(server.db)
        await server.vapid.load(server.db)
        if server.db.is_exclusive:
            await server.db.write(release_all)
        workers.extend(asyncio.create_task(worker.run()) for worker in (inbox_worker, outbox_worker, push_worker))

    @app.after_serving
    async def stop() -> None:
        await asyncio.gather(inbox_worker.stop(), outbox_worker.stop(), push_worker.stop())
        await app.inbox.refused.settle()
        await asyncio.gather(resolver.ctx.http.close(), server.translator.close())
        server.db.close()


def _add_people(app: Kommune, server: Server) -> None:
    """Register what residents talk to, with apps and with browsers."""
    _receive_uploads(app, server)
    sessions = Sessions(server.db, server.clock, server.instance)
    guard = FormGuard(server.instance, sessions.cookie)
    login = fediverse_kommune.web.login.blueprint(server, sessions, guard)
    guard.install(login)
    app.register_blueprint(login)
    app.register_blueprint(fediverse_kommune.web.confirm.blueprint(server, guard))
    app.register_blueprint(fediverse_kommune.web.subscriptions.blueprint(server))
    app.register_blueprint(fediverse_kommune.api.oauth.authorize.blueprint(server, sessions, guard))
    app.register_blueprint(fediverse_kommune.api.routes.blueprint(server))
    app.register_blueprint(fediverse_kommune.media.routes.blueprint(server.studio.store))
    app.register_blueprint(fediverse_kommune.web.pages.blueprint(server, sessions))
    app.register_blueprint(fediverse_kommune.web.interact.blueprint(server, sessions, guard))
    app.register_blueprint(fediverse_kommune.web.participation.blueprint(server, sessions, guard))
    app.register_blueprint(fediverse_kommune.web.share.blueprint(server, sessions, guard))
    app.register_blueprint(fediverse_kommune.web.federation.blueprint(server, sessions, guard))
    app.register_blueprint(fediverse_kommune.web.relays.blueprint(server, sessions, guard))
    description = fediverse_kommune.api.routes.DESCRIPTION
    app.register_blueprint(fediverse_kommune.web.description.blueprint(sessions, description))
    housekeeping, agenda = Housekeeping(server), Agenda(server)
    readers: list[Worker[Any]] = [preview_worker(server), verification_worker(server), followers_worker(server)]
    if server.instance.backfills:
        readers.append(backfill_worker(server))

    @app.before_serving
    async def start() -> None:
        if server.db.is_exclusive:
            await server.db.write(media_jobs.release_all)
        # Quart sets the event, then waits for its tasks, and only then calls what is to stop.
        app.add_background_task(housekeeping.run, app.shutdown_event)
        app.add_background_task(agenda.run, app.shutdown_event)
        app.add_background_task(server.media_worker.run_until, app.shutdown_event)
        for reader in readers:
            app.add_background_task(reader.run_until, app.shutdown_event)
        if server.config.sends_mail:
            app.add_background_task(mail_worker(server).run_until, app.shutdown_event)


def mail_worker(server: Server) -> Worker[Mail]:
    """Return the worker that hands mails over to the mail server of the configuration."""
    work = MailWork(server.db, server.config.mail, MailTexts(template_folder()), server.clock)
    return Worker(work, name="mail", room=MAILS)


def _receive_uploads(app: Kommune, server: Server) -> None:
    """Let files arrive on the disk where they are kept, and no longer than their kind may be (row E14)."""
    media = server.config.media
    megabytes = max(media.image_limit_mb, media.film_limit_mb if server.studio.takes_films else 0)
    limits = Limits(media.image_limit_mb * 1_000_000, megabytes * 1_000_000)
    app.request_class = BoundedRequest
    app.config["MAX_CONTENT_LENGTH"] = megabytes * 1_000_000 + CAPS.body_bytes
    app.config[STREAM_FACTORY] = stream_factory(server.studio.store.incoming, limits)


def _remember_rightly(server: Server, carrier: Carrier, networks: ShutOutNetworks) -> None:
    """Forget what is kept in memory and has changed, also where another process changed it."""

    def forget(signal: Outdated) -> None:
        match signal.what:
            case "actor":
                server.resolver.forget(signal.actor_id)
            case "domains":
                server.blocks.forget()
            case "networks":
                networks.forget()
            case "trends":
                server.trends.forget()

    carrier.listen([Outdated], forget)
    carrier.when_missed(server.blocks.forget)
    carrier.when_missed(networks.forget)
    carrier.when_missed(server.trends.forget)


def _add_streams(app: Kommune, server: Server, carrier: Carrier) -> None:
    """Tell open streams what happens, here and in other processes on the same PostgreSQL."""
    hub = server.hub
    carrier.listen(STREAMED, hub.receive)
    carrier.listen([AccessChanged], lambda _signal: hub.look_again())
    carrier.when_missed(lambda: hub.end_all(Ending.MISSED))
    ear = None if server.db.is_exclusive else PostgresEar(server.db.url, carrier)

    @app.before_serving
    async def start() -> None:
        hub.start()
        if ear is not None:
            await ear.start()

    @app.after_serving
    async def stop() -> None:
        if ear is not None:
            await ear.stop()
        await hub.stop()


def template_folder() -> Path:
    """Return the templates: inside the package when installed, beside it in a checkout."""
    packaged = Path(__file__).parent / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"
