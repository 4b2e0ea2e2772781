"""What the rooms of the app are handed: one frozen value, made by `app.py` and by nobody else."""

from msgspec import Struct

from activitypub.context import Clock
from activitypub.domain_blocks import DomainBlocks
from activitypub.instance import LocalInstance
from activitypub.instance_key import InstanceSigner
from activitypub.resolver import Resolver
from activitypub.tasks import Worker
from fediverse_kommune.api.kept_answers import KeptAnswers
from fediverse_kommune.api.kept_statuses import KeptStatuses
from fediverse_kommune.api.limits import Limiter
from fediverse_kommune.api.recent_viewers import RecentViewers
from fediverse_kommune.config import Config
from fediverse_kommune.database import Database
from fediverse_kommune.media.process import Studio
from fediverse_kommune.push.vapid import Vapid
from fediverse_kommune.services.filtering import FilterCache
from fediverse_kommune.services.media_jobs import Job
from fediverse_kommune.services.statistics import Statistics
from fediverse_kommune.services.trends import Trends
from fediverse_kommune.streaming.hub import Hub
from fediverse_kommune.translation import Translator


class Server(Struct, frozen=True):
    """A running instance: its decisions, its database, its way to others, its clock."""

    config: Config
    instance: LocalInstance
    db: Database
    resolver: Resolver
    blocks: DomainBlocks
    clock: Clock
    signer: InstanceSigner
    statistics: Statistics
    trends: Trends
    translator: Translator
    limiter: Limiter
    viewers: RecentViewers
    answers: KeptAnswers
    kept: KeptStatuses
    studio: Studio
    media_worker: Worker[Job]
    filters: FilterCache
    hub: Hub
    vapid: Vapid
