"""The rules door: versions of decision models, and every look at them before they are in force."""

import asyncio
import json
from datetime import datetime
from functools import wraps

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.pas import BODY_BYTES_MAX
from shared.contracts.rules import Evaluate, Publish, Upload
from shared.contracts.tasks import read_message
from shared.engine.dmn import Result
from shared.engine.dmn.analysis import analyse
from shared.engine.dmn.scenarios.scenario import typed_inputs
from shared.errors import ContractError, ModelError
from shared.ports.model_store import ModelVersion, UnknownModelError
from shared.ports.publishing import (
    RuleDesk,
    compiled,
    load_content,
    load_model,
    publish,
    run_tests,
    upload,
    what_if,
)
from shared.queries.decision_rerun import rerun
from shared.queries.rule_view import (
    analysis_json,
    comparison_json,
    model_json,
    publication_json,
    report_json,
    reruns_json,
    result_json,
    trail_json,
)
from triggers.http.answers import PROBLEM, Door, api_door, json_answer, problem, read_object
from triggers.http.identity import user_of

rules = df.Blueprint()

VERSION = "api/rules/{name}/versions/{version}"


def rules_door(door: Door) -> Door:
    """A door that names the file, the element and the cell of a model that cannot be used."""

    @wraps(door)
    async def guarded(req: func.HttpRequest) -> func.HttpResponse:
        if len(req.get_body() or b"") > BODY_BYTES_MAX:
            return problem(413, "The body is too large", f"at most {BODY_BYTES_MAX} bytes")
        try:
            await ports().rules.versions(ports().clock.now())  # Fills an empty store.
            return await door(req)
        except UnknownModelError as error:
            return problem(404, "There is no such model or version", str(error))
        except ModelError as error:
            body = {"type": "about:blank", "title": "The model cannot be used", "status": 422}
            body |= {"detail": str(error), "file": error.file}
            body |= {"element": error.element, "character": error.column}
            return json_answer(body, status=422, mimetype=PROBLEM)

    return api_door(guarded)


@rules.route(route="api/rules", methods=["GET"])
@rules_door
async def list_models(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - Azure's form
    """Every model with its versions and what is in force."""
    now = ports().clock.now()
    return json_answer([model_json(each, now) for each in await ports().models.models()])


@rules.route(route="api/rules/{name}", methods=["GET"])
@rules_door
async def show_model(req: func.HttpRequest) -> func.HttpResponse:
    """One model with its versions, publications and audit trail."""
    model = await load_model(desk(), req.route_params["name"])
    trail = await ports().models.trail(model.name)
    shown = model_json(model, ports().clock.now())
    return json_answer(shown | {"audit": trail_json(model, trail)})


@rules.route(route="api/rules/{name}/versions", methods=["POST"])
@rules_door
async def upload_version(req: func.HttpRequest) -> func.HttpResponse:
    """Keep a version as a draft: JSON with xml and scenarios, or the XML alone."""
    sent = _upload(req)
    scenarios = json.dumps(sent.scenarios, ensure_ascii=False) if sent.scenarios else ""
    name, by = req.route_params["name"], user_of(req).user_id
    entry = await upload(desk(), name, sent.xml, scenarios, by=by)
    return json_answer({"name": name, "version": entry.version, "tag": entry.tag}, status=201)


@rules.route(route="api/rules/validate", methods=["POST"])
@rules_door
async def validate_text(req: func.HttpRequest) -> func.HttpResponse:
    """Analyse a document without keeping it."""
    return json_answer(analysis_json(await asyncio.to_thread(analyse, _upload(req).xml)))


@rules.route(route=VERSION, methods=["GET"])
@rules_door
async def show_version(req: func.HttpRequest) -> func.HttpResponse:
    """The DMN document of a version."""
    content = await _content(req)
    headers = {"etag": f'"{content.version}"'}
    return func.HttpResponse(content.xml, mimetype="application/xml", headers=headers)


@rules.route(route=f"{VERSION}/scenarios", methods=["GET"])
@rules_door
async def show_scenarios(req: func.HttpRequest) -> func.HttpResponse:
    """The scenario file of a version."""
    content = await _content(req)
    return func.HttpResponse(content.scenarios or "{}", mimetype="application/json")


@rules.route(route=f"{VERSION}/analysis", methods=["GET"])
@rules_door
async def analyse_version(req: func.HttpRequest) -> func.HttpResponse:
    """What analysis finds in a version."""
    content = await _content(req)
    found = await asyncio.to_thread(analyse, content.xml, file=f"{content.name}.dmn")
    return json_answer(analysis_json(found))


@rules.route(route=f"{VERSION}/test", methods=["POST"])
@rules_door
async def test_version(req: func.HttpRequest) -> func.HttpResponse:
    """Run a version's scenarios."""
    return json_answer(report_json(await run_tests(await _content(req), ports().clock.now())))


@rules.route(route=f"{VERSION}/evaluate", methods=["POST"])
@rules_door
async def evaluate_version(req: func.HttpRequest) -> func.HttpResponse:
    """Ask a version, with every cell's outcome and why."""
    asked = read_message(Evaluate, read_object(req))
    at = asked.at or ports().clock.now()
    result = await asyncio.to_thread(_evaluate, await _content(req), asked, at)
    return json_answer(result_json(result))


@rules.route(route=f"{VERSION}/comparison", methods=["GET"])
@rules_door
async def compare_version(req: func.HttpRequest) -> func.HttpResponse:
    """What a version would have decided otherwise, of the latest recorded decisions."""
    return json_answer(comparison_json(await what_if(desk(), await _content(req))))


@rules.route(route=f"{VERSION}/publish", methods=["POST"])
@rules_door
async def publish_version(req: func.HttpRequest) -> func.HttpResponse:
    """Put a version into force."""
    asked = read_message(Publish, read_object(req))
    by, where = user_of(req).user_id, req.route_params
    publication = await publish(desk(), where["name"], where["version"], asked, by=by)
    return json_answer(publication_json(publication))


@rules.route(route="api/cases/{case_id}/decisions/rerun", methods=["POST"])
@rules_door
async def rerun_case(req: func.HttpRequest) -> func.HttpResponse:
    """Make every decision of a case again, and say which come out the same."""
    made = await rerun(ports().cases, ports().rules, req.route_params["case_id"])
    return json_answer(reruns_json(made))


def desk() -> RuleDesk:
    """What changing the rules needs, from the app's ports."""
    return RuleDesk(ports().models, ports().cases, ports().clock)


async def _content(req: func.HttpRequest) -> ModelVersion:
    return await load_content(desk(), req.route_params["name"], req.route_params["version"])


def _upload(req: func.HttpRequest) -> Upload:
    if "xml" not in req.headers.get("content-type", ""):
        return read_message(Upload, read_object(req))
    try:
        return Upload(xml=req.get_body().decode())
    except ValueError as error:
        raise ContractError("the document is not UTF-8, or is empty") from error


def _evaluate(content: ModelVersion, asked: Evaluate, at: datetime) -> Result:
    model = compiled(content)
    return model.evaluate(asked.decision, typed_inputs(model, asked.given), now=at, trace=True)
