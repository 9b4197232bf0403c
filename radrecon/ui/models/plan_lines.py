"""A plan as lines for reading: per destination a heading, then every change, current beside new."""

from __future__ import annotations

import re
from dataclasses import dataclass

from radrecon.model.correction import Plan, PlannedDelivery
from radrecon.ui.hl7_view import NAMES
from radrecon.ui.models.rows_model import Column

TOUCH_WORDS = {
    "patients": ("patient", "patients"),
    "studies": ("study", "studies"),
    "series": ("series", "series"),
    "instances": ("image", "images"),
    "orders": ("order", "orders"),
    "steps": ("worklist item", "worklist items"),
    "worklist": ("worklist item", "worklist items"),
    "reports": ("report", "reports"),
    "deliveries": ("delivery", "deliveries"),
}
ACTION_WORDS = {"take_uid": "Study UID", "dismiss": "put aside"}


@dataclass(frozen=True)
class PlanLine:
    """`delivery` is the place of its delivery in the plan, -1 for radrecon's own index; a heading has no `where`."""

    id: int
    delivery: int
    where: str
    old: str
    new: str
    heading: str = ""


def plan_lines(plan: Plan) -> list[PlanLine]:
    lines: list[PlanLine] = []
    for place, delivery in enumerate(plan.deliveries):
        _add(lines, place, heading=heading(delivery))
        for change in delivery.changes:
            _add(lines, place, change.where, change.old, change.new)
    if plan.index_changes:
        _add(lines, -1, heading="radrecon's own index · at once, when it is sent")
        for own in plan.index_changes:
            _add(lines, -1, ACTION_WORDS.get(own.action, own.action.replace("_", " ")), "", own.text)
    return lines


def _add(lines: list[PlanLine], place: int, where: str = "", old: str = "", new: str = "", heading: str = "") -> None:
    lines.append(PlanLine(len(lines) + 1, place, where, old, new, heading))


def heading(delivery: PlannedDelivery) -> str:
    kind = "HL7 message" if delivery.message else "images edited in place, UIDs kept"
    proof = f"proved by asking {delivery.proof}" if delivery.proof else "not provable: ends at acknowledged"
    return " · ".join(filter(None, (delivery.destination, delivery.title or kind, proof)))


def touched(plan: Plan) -> str:
    """The blast radius: `2 patients, 7 studies`."""
    words = []
    for what, number in plan.touches.items():
        one, many = TOUCH_WORDS.get(what, (what, what))
        words.append(f"{number:,} {one if number == 1 else many}")
    return ", ".join(words) or "nothing beyond this case"


def edit_text(delivery: PlannedDelivery) -> str:
    """All that an edit sets, also what stays equal, as text beside the changes."""
    edit = delivery.edit
    if edit is None:
        return ""
    lines = [f"Study {edit.study_instance_uid}", f"at {edit.pacs}, reason {edit.reason.value}", ""]
    lines += [f"{keyword} = {text or '(emptied)'}" for keyword, text in edit.values.items()]
    for place, item in enumerate(edit.request_attributes or (), start=1):
        lines += ["", f"RequestAttributesSequence item {place}"]
        lines += [f"  {keyword} = {text}" for keyword, text in item.items()]
    if edit.restore_of:
        lines += ["", f"The originals that were kept before delivery {edit.restore_of} come back."]
    lines += ["", "Original Attributes Sequence: one new item with the prior values."]
    return "\n".join(lines)


def field_words(where: str) -> str:
    """`PID-5` with its name; a DICOM keyword as it is."""
    match = re.match(r"([A-Z][A-Z0-9]{2})-(\d+)", where)
    words = NAMES.get(match[1], {}).get(int(match[2]), "") if match else ""
    return f"{where}  {words}" if words else where


def _shown(text: str) -> str:
    return text or "○ empty"


def _afterwards(line: PlanLine) -> str:
    if line.old == line.new:
        return f"  {_shown(line.new)}"
    return f"▲ {line.new or 'emptied'}"


PLAN: tuple[Column[PlanLine], ...] = (
    Column(
        "What changes", lambda r, now: r.heading or f"    {field_words(r.where)}", bold=lambda r: bool(r.heading),
        tone=lambda r, n: "" if r.heading else "muted",
        width=30,
    ),
    Column(
        "Now", lambda r, now: "" if r.heading else f"▲ {r.new}" if r.delivery < 0 else _shown(r.old),
        tone=lambda r, n: "" if r.old or r.delivery < 0 else "missing", width=30,
    ),
    Column(
        "Afterwards", lambda r, now: "" if r.heading or r.delivery < 0 else _afterwards(r),
        tone=lambda r, n: "differs" if r.old != r.new and r.delivery >= 0 else "", width=0,
    ),
)  # fmt: skip
