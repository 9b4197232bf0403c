"""Which corrections apply to a case, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.correction import Verb
from radrecon.model.person import Person
from radrecon.model.study import Study


@dataclass(frozen=True)
class CaseContext:
    """What a case is about. `person`: whom the case's truth is of; `present`: whom the images' present id leads to.

    `candidates`: how many orders could be linked; `undoable`: its last correction can be taken back.
    """

    kind: CaseKind
    state: CaseState = CaseState.OPEN
    study: Study | None = None
    person: Person | None = None
    present: Person | None = None
    candidates: int = 0
    undoable: bool = False


ABOUT_ORDERS = (
    CaseKind.WRONG_ORDER, CaseKind.POSSIBLE_WRONG_PICK, CaseKind.SPLIT_ACCESSION, CaseKind.ACCESSION_MISSING
)  # fmt: skip
AWAITING = (CaseKind.OVERDUE_ORDER, CaseKind.IMAGES_WITHOUT_REPORT, CaseKind.REPORT_WITHOUT_IMAGES)


def why_not(context: CaseContext) -> dict[Verb, str]:
    """Every verb of this cut with "" where it applies, else the reason why it does not."""
    return {
        Verb.LINK: _first(_no_change(context), _no_images(context), _not_wrong(context), _no_link(context)),
        Verb.FIX: _first(_no_change(context), _no_images(context), _not_wrong(context), _no_fix(context)),
        Verb.MERGE: _first(_no_change(context), _others(context), _no_merge(context)),
        Verb.UNDO: "" if context.undoable else "no correction of this case can be taken back",
        Verb.DISMISS: _no_change(context),
    }


def applicable(context: CaseContext) -> tuple[Verb, ...]:
    return tuple(verb for verb, reason in why_not(context).items() if not reason)


def _first(*reasons: str) -> str:
    return next((reason for reason in reasons if reason), "")


def _no_change(context: CaseContext) -> str:
    if context.state is CaseState.CORRECTING:
        return "a correction of this case is under way"
    return "" if context.state is CaseState.OPEN else f"the case is {context.state}"


def _others(context: CaseContext) -> str:
    if context.kind in (CaseKind.NOT_ON_RIS_WORKLIST, CaseKind.NEVER_ORDERED, CaseKind.WORKLIST_MISMATCH):
        return "the worklist is the RIS's: it has to put it right"
    return _not_wrong(context)


def _not_wrong(context: CaseContext) -> str:
    return "nothing is wrong with what is here: something is awaited" if context.kind in AWAITING else ""


def _no_images(context: CaseContext) -> str:
    if context.study is None:
        return "the case is not about one study"
    return "the study is gone from the PACS" if context.study.gone else ""


def _no_link(context: CaseContext) -> str:
    if context.kind is CaseKind.MISSING_UPDATE:
        return "where its studies belong is not in question: their identity is"
    if not context.candidates and context.kind is CaseKind.UNASSIGNED_STUDY:
        return "no order that was heard fits; name one to link it nevertheless"
    if context.kind is CaseKind.ACCESSION_COLLISION and _another(context):
        return f"{_another(context)}; an order of that person's can be named to link it"
    return ""


def _no_fix(context: CaseContext) -> str:
    if context.kind is CaseKind.UNASSIGNED_STUDY:
        return "the study has no order yet; linking it brings the identity along"
    if context.kind in ABOUT_ORDERS:
        return "which order it belongs to is in question, not how its patient is written"
    if context.person is None:
        return "nobody in the index is known to be this patient"
    return _first(_suspect((context.person,)), _another(context))


def _another(context: CaseContext) -> str:
    present, person = context.present, context.person
    if present is None or person is None or person.id in (present.id, present.merged_into):
        return ""
    return "the images' present id is another known person's: that is a move"


def _no_merge(context: CaseContext) -> str:
    people = [person for person in (context.person, context.present) if person is not None]
    if not people:
        return "nobody in the index is known to be this patient"
    return _suspect(people)


def _suspect(people: Iterable[Person]) -> str:
    return "the identity is under suspicion (overlay)" if any(person.quarantined for person in people) else ""
