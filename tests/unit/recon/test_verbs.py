from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.correction import Verb
from radrecon.recon.verbs import CaseContext, applicable, why_not

from .people import person, study

ORPHAN = CaseContext(CaseKind.UNASSIGNED_STUDY, study=study(), candidates=1, person=person())
MISMATCH = CaseContext(CaseKind.DEMOGRAPHIC_MISMATCH, study=study(), person=person(), present=person(), candidates=1)


@pytest.mark.parametrize(
    ("context", "verbs"),
    [
        (ORPHAN, (Verb.LINK, Verb.MERGE, Verb.DISMISS)),
        (CaseContext(CaseKind.UNASSIGNED_STUDY, study=study()), (Verb.DISMISS,)),
        (MISMATCH, (Verb.LINK, Verb.FIX, Verb.MERGE, Verb.DISMISS)),
        (CaseContext(CaseKind.DEMOGRAPHIC_MISMATCH, study=study(gone=True)), (Verb.DISMISS,)),
        (CaseContext(CaseKind.ACCESSION_COLLISION), (Verb.DISMISS,)),
        (CaseContext(CaseKind.SUSPECTED_OVERLAY, person=person(quarantined=True)), (Verb.DISMISS,)),
        (CaseContext(CaseKind.NOT_ON_RIS_WORKLIST, person=person()), (Verb.DISMISS,)),
        (CaseContext(CaseKind.NEVER_ORDERED), (Verb.DISMISS,)),
        (CaseContext(CaseKind.WORKLIST_MISMATCH, person=person()), (Verb.DISMISS,)),
        (
            CaseContext(CaseKind.WRONG_ORDER, study=study(), person=person(), present=person(), candidates=2),
            (Verb.LINK, Verb.MERGE, Verb.DISMISS),
        ),
        (
            CaseContext(CaseKind.ACCESSION_MISSING, study=study(), person=person(), present=person(), candidates=1),
            (Verb.LINK, Verb.MERGE, Verb.DISMISS),
        ),
        (
            CaseContext(CaseKind.ACCESSION_COLLISION, study=study(), person=person(), present=person(2)),
            (Verb.MERGE, Verb.DISMISS),
        ),
        (
            CaseContext(CaseKind.MISSING_UPDATE, study=study(), person=person(), present=person()),
            (Verb.FIX, Verb.MERGE, Verb.DISMISS),
        ),
        (CaseContext(CaseKind.TEMPORARY_IDENTITY, person=person()), (Verb.MERGE, Verb.DISMISS)),
        (CaseContext(CaseKind.ORDER_WITHOUT_REGISTRATION, person=person()), (Verb.MERGE, Verb.DISMISS)),
        (CaseContext(CaseKind.IMAGES_WITHOUT_REPORT, study=study(), person=person()), (Verb.DISMISS,)),
        (CaseContext(CaseKind.REPORT_WITHOUT_IMAGES, person=person()), (Verb.DISMISS,)),
        (CaseContext(CaseKind.OVERDUE_ORDER, person=person()), (Verb.DISMISS,)),
        (CaseContext(CaseKind.UNASSIGNED_STUDY, CaseState.CORRECTING, study(), candidates=1), ()),
        (CaseContext(CaseKind.UNASSIGNED_STUDY, CaseState.CLOSED, study(), undoable=True), (Verb.UNDO,)),
    ],
)
def test_which_verbs_apply(context: CaseContext, verbs: tuple[Verb, ...]) -> None:
    assert applicable(context) == verbs


def test_a_verb_that_does_not_apply_says_why() -> None:
    assert all(why_not(CaseContext(CaseKind.ACCESSION_COLLISION, CaseState.CLOSED)).values())
    another = CaseContext(CaseKind.DEMOGRAPHIC_MISMATCH, study=study(), person=person(), present=person(2))
    assert "move" in why_not(another)[Verb.FIX]
