"""IHE Patient Information Reconciliation (RAD TF-1 and TF-2, PIR) whatever comes first, and what goes wrong beside it.

Messages, performed steps and images come from different systems: each system's own order stands, and no other. The end
must be the same: one person, the study with the right order or waiting for a person with that order first, and once a
person has acted no case is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from radrecon.model.case import CaseKind
from radrecon.model.order import StepStatus
from tests.builders import demographics, series, study
from tests.unit.dicom import performed as sets
from tests.unit.dicom.performed import WRONG_ENTRY, completion, creation, discontinuation, scheduled, unscheduled
from tests.workflow.histories import Event, fresh, interleaved
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, cancel, merge, message, msh, obr, orc, order, pid
from tests.workflow.modality import Modality

WAYS = 14  # orders of arrival that are tried, of each case
TEMPORARY = demographics("T9020", "DOE^JANE", issuer="OF1", birth_date="", sex="F")
TEMPORARY_PID = "PID|1||T9020^^^OF1||DOE^JANE|||F"
REGISTERED_PID = pid("8000008", "DOE^JANE", "", "F")
AS_TEMPORARY = {"PatientID": "T9020", "IssuerOfPatientID": "OF1", "PatientName": "DOE^JANE", "PatientBirthDate": ""}
KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
KARLS_PID = pid("2000002", "BAUER^KARL", "19851224", "M")
AS_KARL = {"PatientID": "2000002", "PatientName": "BAUER^KARL", "PatientBirthDate": "19851224", "PatientSex": "M"}


def hears(*raws: bytes) -> list[Event]:
    return [lambda hospital, raw=raw: hospital.hears(raw) for raw in raws]  # type: ignore[misc]


def sees(*facts: object) -> list[Event]:
    return [lambda hospital, one=one: hospital.sees(one) for one in facts]  # type: ignore[misc]


def performs(uid: str, begun: object, ended: object) -> list[Event]:
    """MPPS: N-CREATE, N-SET."""
    return [
        lambda hospital: Modality(hospital).begins(uid, begun),  # type: ignore[arg-type]
        lambda hospital: Modality(hospital).goes_on(uid, ended),  # type: ignore[arg-type]
    ]


def temporary_merged(survivor: str) -> bytes:
    who = pid(survivor) if survivor == "1000001" else REGISTERED_PID
    return message(msh("ADT^A40", sender="HIS"), "EVN|A40", who, "MRG|T9020^^^OF1||||||DOE^JANE")


def accepted(accession: str, patient: str) -> bytes:
    """The placer's number for an order that the filler made (ORC-1 NA)."""
    return message(msh("ORM^O01"), patient, orc(accession, "NA"), obr(accession))


def waits_or_is_linked(hospital: Hospital, uid: str = "1.2.3", accession: str = "A100") -> None:
    """The study has the right order, or a person is shown it first; and does what is proposed."""
    order_id = hospital.order(accession).id
    while left := hospital.cases():
        case = left[0]
        assert case.finding.study_id == hospital.study(uid).id
        shown = case.finding.candidates[0].order_id if case.finding.candidates else case.finding.order_id
        assert shown == order_id
        by_link = case.kind in (CaseKind.UNASSIGNED_STUDY, CaseKind.ACCESSION_MISSING)
        hospital.corrects("link" if by_link else "fix", case, **({"order_id": order_id} if by_link else {}))
        assert case.id not in [one.id for one in hospital.cases()]
    assert hospital.linked(uid) == accession


def is_one_person(hospital: Hospital, *numbers: tuple[str, str]) -> None:
    found = {hospital.person(*number).id for number in numbers}
    assert found == {hospital.order("A100").person_id}


DONE = completion(sets.series("1.2.3.1", 2))


class Case1:
    """Registered and ordered normally; the update reaches the order filler and the image manager later."""

    chains = (
        hears(adt("A04"), adt("A08", name="ZIMMERMANN^ANNA")),
        [*hears(order("A100", uid="1.2.3")), *performs("9.1", creation(), DONE)],
        sees(study()),
    )

    @staticmethod
    def ends(hospital: Hospital) -> None:
        assert str(hospital.person().demographics.name) == "ZIMMERMANN^ANNA"
        assert hospital.kinds() == ["demographic_mismatch"]
        assert hospital.linked() == "A100"
        is_one_person(hospital, ("1000001", "HOSP"))


class Case2:
    """Ordered at the filler under a number of the department's own; images; then the merge."""

    chains = (
        [
            *hears(order("A100", TEMPORARY_PID, control="SN"), accepted("A100", TEMPORARY_PID)),
            *hears(temporary_merged("1000001")),
        ],
        hears(adt("A04")),
        sees(study(patient=TEMPORARY)),
    )

    @staticmethod
    def ends(hospital: Hospital) -> None:
        is_one_person(hospital, ("1000001", "HOSP"), ("T9020", "OF1"))
        assert len(hospital.cases()) == 1


class Case3:
    """Done before it was ordered: an unscheduled step, then the order with the Study UID that was performed."""

    chains = (
        hears(adt("A04"), adt("A08", name="ZIMMERMANN^ANNA")),
        hears(order("A100", control="SN"), accepted("A100", pid()), order("A100", status="SC", uid="1.2.3")),
        performs("9.1", unscheduled(), DONE),
        sees(study(accession="")),
    )

    @staticmethod
    def ends(hospital: Hospital) -> None:
        is_one_person(hospital, ("1000001", "HOSP"))
        assert len(hospital.cases()) in (1, 2)  # without accession number; and, once the order is known, the name


class Case4:
    """A temporary number on the worklist, merged later."""

    chains = (
        [*hears(order("A100", TEMPORARY_PID, uid="1.2.3")), *hears(adt("A04"), temporary_merged("1000001"))],
        performs("9.1", creation(**AS_TEMPORARY), DONE),
        sees(study(patient=TEMPORARY)),
    )

    @staticmethod
    def ends(hospital: Hospital) -> None:
        is_one_person(hospital, ("1000001", "HOSP"), ("T9020", "OF1"))
        assert len(hospital.cases()) == 1


class Case5:
    """Done before registration, under a number of the department's own; merged twice."""

    chains = (
        hears(
            adt("A04", "8000008", "DOE^JANE", "", "F"),
            temporary_merged("8000008"),
            order("A100", REGISTERED_PID, control="SN"),
            accepted("A100", REGISTERED_PID),
            order("A100", REGISTERED_PID, status="SC", uid="1.2.3"),
            adt("A04"),
            merge("1000001", "8000008"),
        ),
        performs("9.1", unscheduled(**AS_TEMPORARY), DONE),
        sees(study(accession="", patient=TEMPORARY)),
    )

    @staticmethod
    def ends(hospital: Hospital) -> None:
        is_one_person(hospital, ("1000001", "HOSP"), ("8000008", "HOSP"), ("T9020", "OF1"))
        assert len(hospital.cases()) == 1


CASES = (Case1, Case2, Case3, Case4, Case5)


def plays(hospital: Hospital, events: Sequence[Event]) -> None:
    hospital.hears_an_early_order()
    for event in events:
        event(hospital)
    hospital.later(600)  # images are complete; that the PACS got no update would only be said later
    hospital.reconcile()


@pytest.mark.parametrize("case", CASES)
def test_whatever_comes_first_the_end_is_the_same(case: type[Case1], tmp_path: Path, template: Path) -> None:
    states = set()
    for events in interleaved(case.chains, WAYS, 1):
        with fresh(tmp_path / "one.sqlite3", template) as hospital:
            plays(hospital, events)
            states.add(repr(hospital.state()))
            case.ends(hospital)
            before = hospital.dump()
            hospital.recheck()
            assert hospital.dump() == before
            waits_or_is_linked(hospital)
            assert hospital.cases() == []
            assert hospital.order("A100").status is StepStatus.COMPLETED
    assert len(states) == 1, states


@on_both
@pytest.mark.parametrize("case", CASES)
def test_a_persons_word_ends_it_on_both_databases(hospital: Hospital, case: type[Case1]) -> None:
    (events,) = interleaved(case.chains, 3, 2)[2:]
    plays(hospital, events)
    case.ends(hospital)
    waits_or_is_linked(hospital)
    assert hospital.cases() == []


# -- the wrong entry of the worklist ----------------------------------------------------------------------------------

WRONG_PICK = (
    [
        *hears(order("A100", uid="1.2.3"), order("A200", KARLS_PID, uid="1.2.4")),
        *performs("9.1", creation(), discontinuation(sets.series("1.2.3.1", 2), reason=WRONG_ENTRY)),
        *performs("9.2", creation(scheduled("A200", "1.2.4"), **AS_KARL), completion(sets.series("1.2.4.1", 2))),
    ],
    sees(study()),
    sees(study("1.2.4", "A200", KARL, series=(series("1.2.4"),))),
)


def test_images_made_under_the_wrong_entry_are_nobodys_and_the_right_ones_are_linked(
    tmp_path: Path, template: Path
) -> None:
    for events in interleaved(WRONG_PICK, WAYS, 3):
        with fresh(tmp_path / "one.sqlite3", template) as hospital:
            plays(hospital, events)
            assert (hospital.linked("1.2.3"), hospital.linked("1.2.4")) == ("", "A200")
            assert hospital.order("A200").status is StepStatus.COMPLETED
            assert "A100" in hospital.worklist()
            assert len(hospital.cases()) == 1
            hospital.loses("1.2.3")  # the archive gives none of these images any more
            assert hospital.cases() == []


# -- an order in the place of another ---------------------------------------------------------------------------------


def replaced(uid: str = "1.2.3") -> tuple[list[Event], ...]:
    """Cancelled after the exam; another order of the filler takes its place and names the performed study."""
    return (
        hears(
            order("A100", uid=uid),
            cancel("A100"),
            order("A300", control="SN"),
            accepted("A300", pid()),
            order("A300", status="SC", uid=uid),
        ),
        sees(study()),
    )


def test_an_order_in_the_place_of_a_cancelled_one_is_for_a_person_to_link(tmp_path: Path, template: Path) -> None:
    for events in interleaved(replaced(), WAYS, 4):
        with fresh(tmp_path / "one.sqlite3", template) as hospital:
            plays(hospital, events)
            assert hospital.linked() == ""
            (case,) = hospital.cases()
            assert "A300" in [one.accession_number for one in case.finding.candidates[:2]]
            hospital.corrects("link", case, order_id=hospital.order("A300").id)
            assert (hospital.linked(), hospital.cases()) == ("A300", [])
            assert hospital.study().facts.accession_number == "A300"
