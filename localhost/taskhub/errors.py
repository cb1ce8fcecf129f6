"""What the task hub refuses, by what the caller should do about it.

CareloomError
├── ContractError
│   └── InvalidRequest      an argument is missing or malformed
├── RuleViolation
│   ├── InstanceNotFound    no instance or entity has that id
│   ├── InstanceExists      an instance with that id is still running
│   └── WrongState          the instance exists, but not in a state that allows this
└── DependencyError
    ├── HubClosed           (transient) the hub is shutting down: connect again
    ├── StorageFailed       (transient) the group could not be committed: nothing of it happened
    └── DatabaseRefused     (permanent) the file is corrupt, too new, in use, or not a task hub
"""

from shared.errors import ContractError, PermanentError, RuleViolation, TransientError


class InvalidRequest(ContractError):
    """An argument is missing or malformed."""


class InstanceNotFound(RuleViolation):
    """No instance or entity has that id."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"No instance with ID '{instance_id}' was found.")


class InstanceExists(RuleViolation):
    """An instance with that id is still running, so the id cannot be taken."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"An Orchestration instance with the ID {instance_id} already exists.")


class WrongState(RuleViolation):
    """The instance exists, but not in a state that allows this."""


class HubClosed(TransientError):
    """The hub is shutting down."""

    def __init__(self) -> None:
        super().__init__("The task hub is closed.")


class StorageFailed(TransientError):
    """The group of changes could not be committed, and nothing of it happened."""


class DatabaseRefused(PermanentError):
    """The database file is corrupt, of a newer schema, in use, or not a task hub."""
