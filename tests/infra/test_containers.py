from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from shared.adapters import cosmos
from shared.adapters.cosmos.containers import EVERY_CONTAINER, ContainerPlan
from tests.infra.bicep import module, resource

PLANS = module("cosmos")["variables"]["containers"]["value"]
CREATED = resource("cosmos", "container")["properties"]["resource"]


def test_bicep_creates_the_containers_of_the_application() -> None:
    ours = [(each.name, each.partition_key, list(each.indexed)) for each in EVERY_CONTAINER]
    theirs = [(each["name"], each["partitionKey"], each["indexed"]) for each in PLANS]
    assert sorted(theirs) == sorted(ours)


def test_every_plan_of_the_application_is_among_its_containers() -> None:
    modules = [
        import_module(f"{cosmos.__name__}.{each.name}") for each in iter_modules(cosmos.__path__)
    ]
    values = [each for module in modules for each in vars(module).values()]
    plans = {each for each in values if isinstance(each, ContainerPlan)}
    assert plans == set(EVERY_CONTAINER)


def test_bicep_indexes_by_the_policy_of_the_application() -> None:
    policy = dict(CREATED["indexingPolicy"])
    each = policy["includedPaths"]["function"]["parameters"]["arg_2"]["detail"]
    written = each["expression"]["path"].replace(f"${{{each['var_1']}}}", "mark")
    policy["includedPaths"] = [{"path": written}]
    assert policy == ContainerPlan("any", "/id", ("mark",)).indexing_policy()


def test_every_container_is_made_of_its_plan() -> None:
    container = resource("cosmos", "container")
    assert container["parent"] == "database"
    assert [_asked(each) for each in CREATED["partitionKey"]["paths"]] == ["plan.partitionKey"]
    assert [_asked(each) for each in (container["name"], CREATED["id"])] == ["plan.name"] * 2


def test_a_worker_sees_what_another_has_written() -> None:
    account = resource("cosmos", "account")["properties"]
    assert account["consistencyPolicy"] == {"defaultConsistencyLevel": "Strong"}
    assert len(account["locations"]) == 1


def test_the_database_is_serverless_and_backed_up_continuously() -> None:
    account = resource("cosmos", "account")["properties"]
    assert account["capabilities"] == [{"name": "EnableServerless"}]
    assert account["backupPolicy"]["type"] == "Continuous"


def _asked(accessor: Any) -> str:
    operands = accessor["operator"]["operands"]
    return f"{operands['operand_1']}.{operands['operand_2']}"
