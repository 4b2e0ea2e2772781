"""The guards by subject: for each row of the must-pass tests at least one, with the change that takes it away."""

from faults.guard_tables import documents, egress, identity, pages, resources, signatures

GUARDS = (
    *identity.GUARDS,
    *signatures.GUARDS,
    *documents.GUARDS,
    *egress.GUARDS,
    *resources.GUARDS,
    *pages.GUARDS,
)
