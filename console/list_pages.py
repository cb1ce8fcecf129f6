"""The lists: the reviewer's inbox, the cases, the letter tray and the incidents."""

from collections.abc import Sequence

from console.reading import VIEWS, CaseList, Inbox, Tray
from console.rendering import Viewer, render
from console.review_page import DONE
from console.times import zone_of
from shared.ports.case_store import DeadLetter, IncidentRow


def inbox_page(viewer: Viewer, inbox: Inbox, *, done: str = "") -> str:
    """The reviewer's inbox."""
    queues = {row.task.queue for row in inbox.rows} | set(viewer.queues) | {inbox.queue}
    return render(
        "inbox.html",
        viewer,
        inbox=inbox,
        tabs=[(name, label) for name, (label, _, _) in VIEWS.items()],
        queues=sorted(queues - {""}),
        done=DONE.get(done, ""),
    )


def cases_page(viewer: Viewer, found: CaseList) -> str:
    """The cases, by stage or member."""
    return render("cases.html", viewer, found=found, zone_of=zone_of)


def letters_page(viewer: Viewer, tray: Tray) -> str:
    """The notices that wait for a person to pass them on."""
    return render("letters.html", viewer, tray=tray)


def incidents_page(
    viewer: Viewer,
    incidents: Sequence[IncidentRow],
    letters: Sequence[DeadLetter],
    *,
    done: str = "",
) -> str:
    """The steps that wait for an engineer, and what was received and fits no case."""
    return render(
        "incidents.html",
        viewer,
        incidents=incidents,
        letters=letters,
        done=DONE.get(done, ""),
    )
