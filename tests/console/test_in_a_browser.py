"""The console as people use it: in a real browser, over the running product."""

import shutil
from collections.abc import Iterator
from typing import Literal
from uuid import uuid4

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from localhost.started_host import StartedHost
from samples.catalogue import HISTORY, IMAGING_REPORT, KNEE_REPLACEMENT, MEMBER, SURGEON
from samples.generate import request_bundle
from tests.triggers.inquiring import attach, documents
from tests.triggers.sending import case_of, eventually, submit, submit_sample

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = (1280, 900), (360, 740)
NURSE, PHYSICIAN = "nurse-rivera", "dr-chen"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; of this module only, because its loop would disturb tests that run their own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, careloom: StartedHost) -> Iterator[Page]:
    """A page of a browser that was never here; what breaks the content policy fails the test."""
    context = browser.new_context(base_url=careloom.url, viewport=_size(DESKTOP))
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    yield opened
    context.close()
    assert not [text for text in complaints if "Content Security Policy" in text]


def test_a_nurse_reads_why_a_review_is_not_hers_and_a_physician_decides(
    page: Page, careloom: StartedHost
) -> None:
    case_id, _ = submit_sample(careloom, "surgery-with-review")
    page.goto(f"/console/tasks/{case_id}.review1")
    expect(page.get_by_text("the matter asks for a higher qualification")).to_be_visible()
    expect(page.get_by_role("button", name="Claim")).to_have_count(0)
    expect(page.get_by_role("button", name="Record the decision")).to_have_count(0)

    _sign_in(page, PHYSICIAN)
    page.goto(f"/console/tasks/{case_id}.review1")
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("status")).to_contain_text("You have claimed this review.")
    page.get_by_label("Certify as asked").check()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("status")).to_contain_text("Your decision is recorded.")
    assert page.url == f"{careloom.url}/console/cases/{case_id}?done=complete"
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    page.reload()
    expect(page.get_by_text("Decided and notified")).to_be_visible()
    expect(page.locator("#items + ul")).to_contain_text(f"{PHYSICIAN}, physician")
    expect(page.get_by_text("each sealing the one before it")).to_be_visible()


def test_a_physician_denies_with_a_code_and_words(page: Page, careloom: StartedHost) -> None:
    case_id, _ = submit_sample(careloom, "surgery-with-review")
    _open_as(page, PHYSICIAN, case_id)
    page.get_by_label("Do not certify").check()
    page.get_by_role("button", name="Record the decision").click()
    expect(_alert(page)).to_contain_text("Item 1: give the reason code.")
    expect(_alert(page)).to_be_focused()
    page.get_by_role("link", name="Item 1: give the reason in words.").click()
    expect(page.get_by_label("Reason in words")).to_be_focused()
    page.keyboard.type("Conservative treatment was not tried.")
    page.get_by_label("Reason code").fill("0F")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("status")).to_contain_text("Your decision is recorded.")
    assert case_of(careloom, case_id)["outcome"] == "denied"


def test_items_are_decided_one_by_one(page: Page, careloom: StartedHost) -> None:
    both = request_bundle(
        identifier=uuid4().hex,
        member_id=MEMBER,
        provider_npi=SURGEON,
        items=[KNEE_REPLACEMENT, KNEE_REPLACEMENT],
        documents=[HISTORY, IMAGING_REPORT],
    )
    case_id = submit(careloom, both).headers["x-careloom-case-id"]
    _open_as(page, PHYSICIAN, case_id)
    expect(page.locator("fieldset.item")).to_have_count(2)
    first, second = page.locator("fieldset.item").all()
    first.get_by_label("Modify").check()
    expect(first.get_by_label("Service certified instead")).to_be_visible()
    first.get_by_label("Service certified instead").fill("27446")
    first.get_by_label("Reason code").fill("0F")
    first.get_by_label("Reason in words").fill("One compartment is affected.")
    expect(second.get_by_label("Reason in words")).to_be_hidden()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("status")).to_contain_text("Your decision is recorded.")
    expect(page.get_by_text("27446")).to_be_visible()
    assert case_of(careloom, case_id)["outcome"] == "open"


def test_the_provider_is_asked_for_information(page: Page, careloom: StartedHost) -> None:
    case_id, _ = submit_sample(careloom, "imaging-documents-missing")
    _open_as(page, NURSE, case_id)
    page.get_by_text("Ask the provider for information").click()
    expect(page.get_by_label("Progress note")).to_be_checked()
    page.get_by_role("button", name="Ask for information").click()
    expect(page.get_by_role("status")).to_contain_text("is being asked for information")
    expect(page.get_by_text("Waiting for information")).to_be_visible()
    assert case_of(careloom, case_id)["stage"] == "information_requested"


def test_a_task_completed_twice_says_that_it_is_closed(page: Page, careloom: StartedHost) -> None:
    case_id, _ = submit_sample(careloom, "surgery-with-review")
    _open_as(page, PHYSICIAN, case_id)
    again = page.context.new_page()
    again.goto(f"/console/tasks/{case_id}.review1")
    for tab in (page, again):
        tab.get_by_label("Certify as asked").check()
        tab.get_by_role("button", name="Record the decision").click()
    expect(_alert(again)).to_contain_text("This task is closed.")
    expect(again.get_by_text("Nothing is left to do here.")).to_be_visible()


def test_a_review_is_released_escalated_and_handed_over(page: Page, careloom: StartedHost) -> None:
    case_id, _ = submit_sample(careloom, "imaging-documents-missing")
    _open_as(page, NURSE, case_id)
    for button, said in (
        ("Claim", "You have claimed this review."),
        ("Release", "The review is back in its queue."),
        ("Claim", "You have claimed this review."),
        ("Pass to a physician", "The review waits for a physician now."),
    ):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text(said)
    page.get_by_text("Hand over to a colleague").click()
    page.get_by_label("Colleague").fill("nobody")
    page.get_by_role("button", name="Hand over").click()
    expect(_alert(page)).to_contain_text("User nobody is no reviewer.")
    page.get_by_label("Colleague").fill(PHYSICIAN)
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text(f"Claimed by {PHYSICIAN}")).to_be_visible()


def test_a_talk_is_offered_and_closed_and_the_clock_extended(
    page: Page, careloom: StartedHost
) -> None:
    case_id, _ = submit_sample(careloom, "surgery-with-review")
    _open_as(page, PHYSICIAN, case_id)
    page.get_by_text("Extend the deadline").first.click()
    page.get_by_label("Why more time is needed").fill("The member asked for it.")
    page.get_by_role("button", name="Extend the deadline").click()
    expect(page.get_by_role("status")).to_contain_text("The deadline is extended")
    page.get_by_text("Peer-to-peer talk").first.click()
    page.get_by_role("button", name="Offer a talk").click()
    expect(page.get_by_text("Waiting for a peer-to-peer talk")).to_be_visible()
    page.get_by_label("It was held").check()
    page.get_by_role("button", name="Close the talk").click()
    expect(page.get_by_role("status")).to_contain_text("The peer-to-peer talk is closed")


def test_an_appeal_is_decided_by_another_physician(page: Page, careloom: StartedHost) -> None:
    case_id = _appealed(careloom)
    _sign_in(page, PHYSICIAN)
    page.goto(f"/console/cases/{case_id}")
    page.get_by_role("link", name="Decide this appeal").click()
    expect(page.get_by_text("an appeal is not decided by an earlier reviewer")).to_be_visible()
    expect(page.get_by_label("Overturn")).to_be_hidden()

    _sign_in(page, "dr-adeyemi")
    page.goto(f"/console/tasks/{case_id}.appeal1")
    page.get_by_label("Overturn").check()
    page.get_by_label("Resolution in words").fill("The imaging shows the need.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("status")).to_contain_text("The decision on the appeal is recorded.")
    eventually(lambda: case_of(careloom, case_id)["outcome"] == "approved")


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(DESKTOP, "light"), (PHONE, "light"), (DESKTOP, "dark")],
    ids=["desktop", "phone", "dark"],
)
def test_every_page_is_accessible_and_fits(
    browser: Browser, careloom: StartedHost, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    pended, _ = submit_sample(careloom, "several-items")
    approved, _ = submit_sample(careloom, "auto-approved")
    rejected, _ = submit_sample(careloom, "unknown-member")
    appealed = _appealed(careloom)
    assert attach(careloom, documents("task-of-nobody")).status == 404  # It is among the incidents.
    context = browser.new_context(base_url=careloom.url, viewport=_size(size), color_scheme=scheme)
    page = context.new_page()
    _sign_in(page, PHYSICIAN)
    for path in (
        "/console",
        "/console?view=mine&queue=oncology",
        f"/console/tasks/{pended}.review1",
        f"/console/cases/{pended}",
        f"/console/cases/{approved}",
        f"/console/cases/{rejected}",
        f"/console/cases/{appealed}",
        f"/console/tasks/{appealed}.review1",
        f"/console/tasks/{appealed}.appeal1",
        "/console/cases",
        f"/console/letters?case={approved}",
        "/console/incidents",
        "/console/report",
        "/console/sign-in",
        "/console/cases/pa-nobody",
    ):
        page.goto(path)
        _open_everything(page)
        assert _violations(page, scheme) == [], path
        assert _overflow(page) == 0, path
    page.goto(f"/console/tasks/{pended}.review1")
    page.get_by_label("Do not certify").first.check()
    page.get_by_role("button", name="Record the decision").click()
    expect(_alert(page)).to_be_visible()
    _open_everything(page)
    assert (_violations(page, scheme), _overflow(page)) == ([], 0), "a form with problems"
    _open_as(page, NURSE, pended)
    _open_everything(page)
    assert (_violations(page, scheme), _overflow(page)) == ([], 0), "what is not hers to decide"
    context.close()


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/console")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def _sign_in(page: Page, user_id: str) -> None:
    page.goto("/console/sign-in")
    page.get_by_label(user_id).check()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("banner")).to_contain_text(user_id)


def _open_as(page: Page, user_id: str, case_id: str) -> None:
    _sign_in(page, user_id)
    page.goto(f"/console/tasks/{case_id}.review1")


def _appealed(host: StartedHost) -> str:
    """A case that the physician denied and the member appeals."""
    case_id, _ = submit_sample(host, "surgery-with-review")
    denial = {"sequence": 1, "action": "A3", "reasonCode": "0F", "reason": "Not tried before."}
    said = host.post(
        f"/api/tasks/{case_id}.review1/complete", {"decisions": [denial]}, user=PHYSICIAN
    )
    assert said.status == 200, said.body
    eventually(lambda: case_of(host, case_id)["stage"] == "notified")
    filed = host.post(f"/api/cases/{case_id}/appeals", {"items": [1], "filedBy": "M-1001"})
    assert filed.status == 201, filed.body
    return case_id


def _alert(page: Page) -> Locator:
    return page.get_by_role("alert")


def _open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


def _violations(page: Page, scheme: str) -> list[str]:
    """What axe finds; it is put into the page by the debugger, which no policy holds back.

    The dark differs from the light in its colours only, so that only these are looked at.
    """
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = ["color-contrast"]
    found = Axe().run(page, options=options)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found["violations"]
    ]


def _overflow(page: Page) -> int:
    """How many pixels wider than the window the page is."""
    root = "document.documentElement"
    wider: int = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    return wider


def _size(size: tuple[int, int]) -> ViewportSize:
    return ViewportSize(width=size[0], height=size[1])
