"""Role: what a person may do for the whole instance. https://docs.joinmastodon.org/entities/Role/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Role
from fediverse_kommune.services import collections
from fediverse_kommune.services.staff import PERMISSIONS

# The numbers and names that Mastodon's own roles have.
ROLES = {Role.USER: ("-99", ""), Role.MODERATOR: ("2", "Moderator"), Role.ADMIN: ("3", "Admin")}


def role_entity(role: Role) -> Entity:
    """Return a role with the bits of what it may do."""
    number, name = ROLES[role]
    return {
        "id": number,
        "name": name,
        "color": "",
        "permissions": str(int(PERMISSIONS[role])),
        "highlighted": role is not Role.USER,
        "collection_limit": collections.COLLECTIONS,
    }
