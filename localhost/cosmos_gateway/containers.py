"""What a database and a container are: their checked definitions, columns and indexes."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from .answers import bad_request, not_supported

NAME_LENGTH_MAX = 255
FORBIDDEN_IN_NAMES = frozenset("/\\?#")
UNIQUE_KEYS_MAX = 10
FOREVER = -1
TTL_SECONDS_MAX = 2**31 - 1
PATHS_PER_INDEX_MAX = 8

type Path = tuple[str, ...]

_DEFAULT_INDEXING = {
    "indexingMode": "consistent",
    "automatic": True,
    "includedPaths": [{"path": "/*"}],
    "excludedPaths": [{"path": '/"_etag"/?'}],
}


@dataclass(slots=True)
class Container:
    """A container in use; `columns` and `indexes` grow while the gateway runs.

    Attributes:
        number: names its tables.
        definition: as clients read it.
        columns: the path of each indexed value, and its column.
        building: columns that exist and are not yet filled for old documents.
        indexes: the columns of each SQL index.
        next_row: the number of the next document.
        dropped: set when it is deleted, so that writes already on their way are refused.
        partition_path: the path of the partition key.
    """

    number: int
    database: str
    name: str
    definition: dict[str, Any]
    columns: dict[Path, str] = field(default_factory=dict)
    building: dict[Path, str] = field(default_factory=dict)
    indexes: list[list[str]] = field(default_factory=list)
    next_row: int = 1
    dropped: bool = False
    partition_path: Path = field(init=False)

    def __post_init__(self) -> None:
        self.partition_path = split_path(self.definition["partitionKey"]["paths"][0])

    @property
    def rid(self) -> str:
        """The resource id that the service would have given."""
        return str(self.definition["_rid"])

    @property
    def link(self) -> str:
        """The name-based link."""
        return f"dbs/{self.database}/colls/{self.name}"

    @property
    def default_ttl(self) -> int | None:
        """Seconds that documents live; -1 for ever unless they say; None for ever."""
        ttl = self.definition.get("defaultTtl")
        return ttl if isinstance(ttl, int) else None

    def usable(self) -> dict[Path, str]:
        """Every path whose values stand in a column, with the column."""
        return {("id",): "id", **self.columns, self.partition_path: "pk"}


def new_database(body: Any, now: float) -> dict[str, Any]:
    """The definition of a database to create.

    Raises:
        ApiError: 400, its name is not one that Cosmos DB takes.
    """
    name = checked_name(body)
    rid = base64.b64encode(uuid.uuid4().bytes[:4]).decode().replace("/", "-")
    return {
        "id": name,
        "_rid": rid,
        "_self": f"dbs/{name}/",
        "_etag": f'"{uuid.uuid4()}"',
        "_colls": "colls/",
        "_users": "users/",
        "_ts": int(now),
    }


def new_container(database: str, body: Any, now: float) -> dict[str, Any]:
    """The definition of a container to create.

    Raises:
        ApiError: 400, the definition is wrong, or asks for what this gateway does not reproduce.
    """
    name = checked_name(body)
    _check_partition_key(body.get("partitionKey"))
    _check_ttl(body.get("defaultTtl"))
    for unsupported in ("vectorEmbeddingPolicy", "fullTextPolicy", "computedProperties"):
        if body.get(unsupported):
            raise not_supported(f"a container's {unsupported}")
    rid = base64.b64encode(uuid.uuid4().bytes[:8]).decode().replace("/", "-")
    definition = {
        "indexingPolicy": _DEFAULT_INDEXING,
        **{key: value for key, value in body.items() if not key.startswith("_")},
        "_rid": rid,
        "_ts": int(now),
        "_self": f"dbs/{database}/colls/{name}/",
        "_etag": f'"{uuid.uuid4()}"',
        "_docs": "docs/",
        "_sprocs": "sprocs/",
        "_triggers": "triggers/",
        "_udfs": "udfs/",
        "_conflicts": "conflicts/",
    }
    check_policies(definition)
    return definition


def replaced_container(current: Container, body: Any, now: float) -> dict[str, Any]:
    """The definition after a replace, which may change anything but the keys.

    Raises:
        ApiError: 400, the name, partition key or unique keys differ.
    """
    if checked_name(body) != current.name:
        raise bad_request("The container's id cannot be changed.")
    for fixed in ("partitionKey", "uniqueKeyPolicy"):
        if fixed in body and body[fixed] != current.definition.get(fixed):
            given, held = body[fixed], current.definition.get(fixed)
            same_paths = fixed == "partitionKey" and given.get("paths") == (held or {}).get("paths")
            if not same_paths:
                raise bad_request(f"The container's {fixed} cannot be changed.")
    _check_ttl(body.get("defaultTtl"))
    kept = {key: value for key, value in current.definition.items() if key.startswith("_")}
    kept |= {"_ts": int(now), "_etag": f'"{uuid.uuid4()}"'}
    for fixed in ("partitionKey", "uniqueKeyPolicy", "indexingPolicy"):
        if fixed in current.definition:
            kept[fixed] = current.definition[fixed]
    definition = {**kept, **{k: v for k, v in body.items() if not k.startswith("_")}}
    check_policies(definition)
    return definition


def checked_name(body: Any) -> str:
    """The "id" of a database or container.

    Raises:
        ApiError: 400, it is missing or has characters that a link cannot hold.
    """
    name = body.get("id") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name:
        raise bad_request("The input content is invalid because the property 'id' is missing.")
    if len(name) > NAME_LENGTH_MAX or FORBIDDEN_IN_NAMES & set(name) or name.endswith(" "):
        raise bad_request(
            "The input name is invalid: too long, or it contains '/', '\\', '?', '#'."
        )
    return name


def is_ttl(value: Any) -> bool:
    """Whether a value is a time to live: -1 for ever, or a number of seconds."""
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value == FOREVER or 0 < value <= TTL_SECONDS_MAX


def check_policies(definition: dict[str, Any]) -> None:
    """Refuses an indexing or unique key policy that cannot be read.

    Raises:
        ApiError: 400.
    """
    try:
        declared_indexes(definition)
        if not all(unique_key_paths(definition)):
            raise bad_request("A unique key names at least one path.")
    except (AttributeError, KeyError, TypeError) as error:
        raise bad_request("The indexing policy or the unique key policy is malformed.") from error


def unique_key_paths(definition: dict[str, Any]) -> list[list[Path]]:
    """The paths of each unique key."""
    policy = definition.get("uniqueKeyPolicy") or {}
    keys = policy.get("uniqueKeys") or []
    if len(keys) > UNIQUE_KEYS_MAX:
        raise bad_request(f"A container has at most {UNIQUE_KEYS_MAX} unique keys.")
    return [[split_path(path) for path in key.get("paths") or []] for key in keys]


def declared_indexes(definition: dict[str, Any]) -> list[list[Path]]:
    """The paths of each index that the indexing policy names one by one.

    The wildcard "/*" names none: those paths get an index when queries show that they need one.
    """
    policy = definition.get("indexingPolicy") or {}
    declared = [
        [split_path(part["path"]) for part in composite]
        for composite in policy.get("compositeIndexes") or []
    ]
    for included in policy.get("includedPaths") or []:
        path = included["path"]
        if path.endswith("/?") and "[]" not in path:
            declared.append([split_path(path[:-2])])
    return [index[:PATHS_PER_INDEX_MAX] for index in declared if index and all(index)]


def split_path(path: Any) -> Path:
    """The names in a path such as /patient/"home address"/city.

    Raises:
        ApiError: 400, it is no path.
    """
    if not isinstance(path, str) or not path.startswith("/"):
        raise bad_request(f"The path {json.dumps(path)} is invalid: it begins with '/'.")
    return tuple(part.strip('"') for part in path[1:].split("/") if part)


def _check_partition_key(key: Any) -> None:
    paths = key.get("paths") if isinstance(key, dict) else None
    if not isinstance(paths, list) or not paths:
        raise bad_request("A container needs a partition key with one path.")
    if len(paths) > 1 or key.get("kind") == "MultiHash":
        raise not_supported("hierarchical partition keys (MultiHash)")
    if not split_path(paths[0]):
        raise bad_request("The partition key path is empty.")


def _check_ttl(ttl: Any) -> None:
    if ttl is not None and not is_ttl(ttl):
        raise bad_request("The default time to live is -1 or a positive number of seconds.")
