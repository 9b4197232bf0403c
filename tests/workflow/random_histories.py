"""Histories of a small hospital at random, seeded: what each sender says in its own order, and what people decide.

Two patients who may be taken for each other, one of them registered twice; three orders, three studies.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.errors import Trouble
from radrecon.workflow.dismissal import dismiss
from tests.builders import demographics, series, study
from tests.unit.dicom import performed as sets
from tests.unit.dicom.performed import WRONG_ENTRY, completion, creation, discontinuation, scheduled
from tests.workflow.histories import Event
from tests.workflow.hospital import Hospital
from tests.workflow.messages import adt, cancel, merge, order, pid, report
from tests.workflow.modality import Modality
from tests.workflow.test_appointments import siu

MRNS = ("1000001", "2000002", "3000003")
TWICE = ("1000001", "3000003")  # one woman who was registered twice
NAMES = dict.fromkeys(TWICE, ("FISCHER^ANNA", "ZIMMERMANN^ANNA")) | {"2000002": ("BAUER^KARL", "FISCHER^ANNA")}
BORN = dict.fromkeys(TWICE, ("19600517", "1960-05-17")) | {"2000002": ("19851224", "1985-12-24")}
SLOT = "20261122143000"
ACCESSIONS = ("A100", "A101", "B77")
UIDS = ("1.2.3", "1.2.4", "1.2.5")


def _pid(mrn: str, name: str) -> str:
    return pid(mrn, name, BORN[mrn][0], "F")


def hears(raw: bytes) -> Event:
    def event(hospital: Hospital) -> None:
        hospital.takes(raw)
        hospital.reconcile()

    return event


def registration(chance: random.Random) -> list[Event]:
    """The HIS: both registered, some updates, in some histories a merge: of one woman's two records, or by mistake."""
    said = [adt("A04", mrn, NAMES[mrn][0], BORN[mrn][0]) for mrn in MRNS]
    for _ in range(chance.randint(0, 2)):
        mrn = chance.choice(MRNS)
        said.append(adt("A08", mrn, chance.choice(NAMES[mrn]), BORN[mrn][0]))
    if chance.random() < 0.4:
        survivor, loser = chance.sample(MRNS, 2)
        said.append(merge(survivor, loser, NAMES[survivor][0], born=BORN[survivor][0]))
    return [hears(raw) for raw in said]


def ordering(chance: random.Random) -> list[Event]:
    """The RIS: orders, changes, cancellations, appointments."""
    said = []
    for accession in chance.sample(ACCESSIONS, chance.randint(1, 3)):
        mrn = chance.choice(MRNS)
        uid = chance.choice((*UIDS, ""))
        said.append(order(accession, _pid(mrn, NAMES[mrn][0]), **({"uid": uid} if uid else {})))
        if chance.random() < 0.3:
            said.append(
                siu(ids=f"FA-{accession}", orders=f"F-{accession}", start=SLOT, patient=_pid(mrn, NAMES[mrn][0]))
            )
        if chance.random() < 0.3:
            said.append(cancel(accession, patient=f"PID|1||{mrn}^^^HOSP"))
        elif chance.random() < 0.4:
            said.append(order(accession, _pid(mrn, NAMES[mrn][0]), control="XO", start="20261122150000"))
    return [hears(raw) for raw in said]


def reporting(chance: random.Random) -> list[Event]:
    mrn = chance.choice(MRNS)
    return [hears(report(chance.choice(ACCESSIONS), patient=_pid(mrn, NAMES[mrn][0])))] if chance.random() < 0.4 else []


def archiving(chance: random.Random, uid: str) -> list[Event]:
    """One study at the PACS: seen, perhaps seen otherwise, perhaps gone."""
    found: list[Event] = []
    for _ in range(chance.randint(1, 2)):
        mrn = chance.choice(MRNS)
        who = demographics(mrn, chance.choice(NAMES[mrn]), birth_date=BORN[mrn][1])
        facts = study(uid, chance.choice((*ACCESSIONS, "A1O0", "")), who, series=(series(uid),))
        found.append(lambda hospital, facts=facts: hospital.sees(facts))  # type: ignore[misc]
    if chance.random() < 0.2:
        found.append(lambda hospital: hospital.loses(uid))
    return found


def performing(chance: random.Random, number: int, uid: str) -> list[Event]:
    """MPPS of one step: begun, ended in one way or another."""
    accession, mrn = chance.choice(ACCESSIONS), chance.choice(MRNS)
    who = {"PatientID": mrn, "PatientName": NAMES[mrn][0], "PatientBirthDate": BORN[mrn][0], "PatientSex": "F"}
    made = sets.series(f"{uid}.1", 2)
    ends = (completion(made), discontinuation(made, reason=WRONG_ENTRY), discontinuation(made))
    begun, ended = creation(scheduled(accession, uid), **who), chance.choice(ends)
    return [
        lambda hospital: Modality(hospital).says("N-CREATE", f"9.{number}", begun),
        lambda hospital: Modality(hospital).says("N-SET", f"9.{number}", ended),
    ]


def chains(seed: int) -> list[Sequence[Event]]:
    """What each system says, in its own order."""
    chance = random.Random(seed)
    uids = chance.sample(UIDS, chance.randint(1, 3))
    made = chance.choices(UIDS, k=chance.randint(0, 3))
    steps: dict[str, list[Event]] = {}  # one modality makes all of a study's
    for number, uid in enumerate(made):
        steps.setdefault(uid, []).extend(performing(chance, number, uid))
    return [
        registration(chance), ordering(chance), reporting(chance), *(archiving(chance, uid) for uid in uids),
        *steps.values(),
    ]  # fmt: skip


def decisions(chance: random.Random) -> list[Event]:
    """What people do in between: link, fix, undo, put aside, where there is anything to do it to."""
    return [chance.choice(DEEDS) for _ in range(chance.randint(1, 3))]


def _corrects(kind: CaseKind, verb: str) -> Callable[[Hospital], None]:
    def deed(hospital: Hospital) -> None:
        found = [one for one in hospital.cases() if one.kind is kind and one.state is CaseState.OPEN]
        try:
            if found:
                hospital.corrects(verb, found[0])
        except Trouble:
            return  # a plan that is refused is no decision

    return deed


def _undoes(hospital: Hospital) -> None:
    done = [one.correction_id for one in hospital.cases("closed") if one.correction_id]
    try:
        if done:
            hospital.undoes(done[-1])
    except Trouble:
        return


def _dismisses(hospital: Hospital) -> None:
    found = [one for one in hospital.cases() if one.state is CaseState.OPEN]
    if found:
        dismiss(hospital.store, found[-1].id, reason="known", who="ann", now=hospital.now)


DEEDS: tuple[Event, ...] = (
    _corrects(CaseKind.UNASSIGNED_STUDY, "link"), _corrects(CaseKind.DEMOGRAPHIC_MISMATCH, "fix"), _undoes, _dismisses,
)  # fmt: skip
