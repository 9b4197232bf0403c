"""Legacy numbers taken in from a file: persons, orders and studies find each other under all their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from radrecon.model.crosswalk import CrosswalkReport, Issuers
from radrecon.model.errors import NotFound, Trouble
from radrecon.model.patient import PatientId
from radrecon.store import crosswalk, persons
from radrecon.workflow.crosswalk import import_file, import_text, remove
from radrecon.workflow.unmerging import apart
from tests.builders import demographics, study
from tests.workflow import messages
from tests.workflow.hospital import Hospital, on_both

HEAD = "legacy_patient_id,legacy_issuer,patient_id,issuer\n"


def take(hospital: Hospital, *lines: str) -> CrosswalkReport:
    hospital.later(1)
    text = HEAD + "\n".join(lines)
    report = import_text(hospital.store, text, Issuers("OLD", "HOSP"), source="t.csv", who="ann", at=hospital.now)
    hospital.reconcile()
    return report


def whom(hospital: Hospital, value: str, issuer: str) -> int:
    with hospital.store.reading() as conn:
        known = persons.find(conn, PatientId(value, issuer))
        return known.person_id if known else 0


@on_both
def test_the_person_who_has_one_number_gets_the_other(hospital: Hospital) -> None:
    hospital.hears(messages.adt("A04"))
    report = take(hospital, "L1,OLD,1000001,HOSP", "L2,OLD,2000002,HOSP")
    assert (report.lines, report.added, report.persons, report.problems) == (2, 2, 1, ())
    assert whom(hospital, "L1", "OLD") == hospital.person().id
    assert whom(hospital, "L2", "OLD") == 0


@on_both
def test_a_study_under_a_legacy_number_finds_the_order(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(messages.order("A100"))
    hospital.sees(study("1.2.3", "", demographics("L1", "", issuer="OLD", birth_date="", sex="")))
    assert "patient_id" not in reasons_for(hospital, "A100")
    take(hospital, "L1,OLD,1000001,HOSP")
    assert "patient_id" in reasons_for(hospital, "A100")


def reasons_for(hospital: Hospital, accession: str) -> set[str]:
    candidates = [one for one in hospital.case().finding.candidates if one.accession_number == accession]
    return {reason.field for one in candidates for reason in one.reasons if reason.bits > 0}


@on_both
def test_a_study_with_its_accession_number_and_a_legacy_number_is_linked(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    take(hospital, "L1,OLD,1000001,HOSP")
    hospital.hears(messages.order("A100"))
    hospital.sees(study("1.2.3", "A100", demographics("L1", issuer="OLD")))
    assert hospital.linked() == "A100"


@on_both
def test_whoever_is_heard_later_under_either_number_is_one_person(hospital: Hospital) -> None:
    take(hospital, "L1,OLD,1000001,HOSP")
    hospital.hears(messages.order("A100", messages.pid("L1", issuer="OLD")))
    hospital.hears(messages.order("A200"))
    assert hospital.people() == 1
    assert hospital.order("A100").person_id == hospital.order("A200").person_id


@on_both
def test_two_persons_are_never_merged_by_a_list(hospital: Hospital) -> None:
    hospital.hears(messages.adt("A04"), messages.adt("A04", "L1", "OTHER^ANNA", issuer="OLD"))
    report = take(hospital, "L1,OLD,1000001,HOSP")
    (problem,) = report.problems
    assert (problem.line, report.persons) == (2, 0)
    assert "a person decides" in problem.text
    assert hospital.people() == 2
    assert whom(hospital, "L1", "OLD") != hospital.person().id


@on_both
def test_taking_a_file_in_again_changes_nothing(hospital: Hospital) -> None:
    hospital.hears(messages.adt("A04"))
    first = take(hospital, "L1,OLD,1000001,HOSP")
    again = take(hospital, "L1,OLD,1000001,HOSP")
    assert (first.added, first.unchanged, first.persons) == (1, 0, 1)
    assert (again.added, again.unchanged, again.persons) == (0, 1, 0)


@on_both
def test_taking_it_in_again_finishes_what_was_broken_off(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital.hears(messages.adt("A04"))

    def gone(*_: object) -> None:
        raise Trouble("gone")

    with monkeypatch.context() as patch:
        patch.setattr("radrecon.workflow.crosswalk.join_person", gone)
        with pytest.raises(Trouble):
            take(hospital, "L1,OLD,1000001,HOSP")
    assert take(hospital, "L1,OLD,1000001,HOSP").persons == 1
    assert whom(hospital, "L1", "OLD") == hospital.person().id


@on_both
def test_what_contradicts_an_entry_is_not_taken(hospital: Hospital) -> None:
    take(hospital, "L1,OLD,1000001,HOSP")
    report = take(hospital, "L1,OLD,2000002,HOSP", "L2,OLD,3,HOSP", ",,4,")
    assert [problem.line for problem in report.problems] == [2, 4]
    assert "leads to 1000001^^^HOSP already" in report.problems[0].text
    assert report.added == 1
    with hospital.store.reading() as conn:
        assert [row.patient_id for row in crosswalk.rows(conn, query="L1")] == ["1000001"]


def test_many_lines_are_taken_in_small_transactions(hospital: Hospital) -> None:
    hospital.hears(*(messages.adt("A04", str(1000000 + at), f"NAME{at}^ANNA") for at in range(5)))
    report = take(hospital, *(f"L{at},OLD,{1000000 + at},HOSP" for at in range(450)))
    assert (report.added, report.persons) == (450, 5)
    assert whom(hospital, "L4", "OLD") == hospital.person("1000004").id


@on_both
def test_chains_in_one_file_reach_the_person(hospital: Hospital) -> None:
    hospital.hears(messages.adt("A04"))
    take(hospital, "L1,OLD,M1,MID", "M1,MID,1000001,HOSP")
    assert whom(hospital, "L1", "OLD") == whom(hospital, "M1", "MID") == hospital.person().id


@on_both
def test_a_removed_entry_takes_the_number_back_unless_it_was_heard(hospital: Hospital) -> None:
    hospital.hears(messages.adt("A04"))
    take(hospital, "L1,OLD,1000001,HOSP", "L2,OLD,1000001,HOSP")
    hospital.hears(messages.adt("A08", "L2", issuer="OLD"))
    with hospital.store.reading() as conn:
        ids = {row.legacy_patient_id: row.id for row in crosswalk.rows(conn)}
    assert "has L1^^^OLD no more" in remove(hospital.store, ids["L1"], who="ann", at=hospital.now)
    assert "messages named L2^^^OLD" in remove(hospital.store, ids["L2"], who="ann", at=hospital.now)
    assert (whom(hospital, "L1", "OLD"), whom(hospital, "L2", "OLD")) == (0, hospital.person().id)
    with pytest.raises(NotFound):
        remove(hospital.store, ids["L1"], who="ann", at=hospital.now)


def test_a_file_of_a_western_spreadsheet_is_read(hospital: Hospital, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("legacy_patient_id;legacy_issuer;patient_id\r\nL1;Süd;1000001\r\n".encode("cp1252"))
    import_file(hospital.store, path, Issuers("", "HOSP"), who="ann", at=hospital.now)
    with hospital.store.reading() as conn:
        (row,) = crosswalk.rows(conn)
    assert (row.legacy_issuer_of_patient_id, row.issuer_of_patient_id, row.source) == ("Süd", "HOSP", "list.csv")
    with pytest.raises(Trouble, match="No such file"):
        import_file(hospital.store, tmp_path / "none.csv", Issuers(), who="ann", at=hospital.now)


@on_both
def test_a_new_number_of_a_known_person_is_found_by_older_orders(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(messages.order("A100"))
    hospital.hears(messages.order("A200", f"{messages.pid()}".replace("^^^HOSP", "^^^HOSP~R77^^^RIS")))
    hospital.sees(study("1.2.3", "A100", demographics("R77", issuer="RIS")))
    assert hospital.linked() == "A100"


@on_both
def test_a_legacy_number_goes_with_its_patient_when_a_merge_is_undone(hospital: Hospital) -> None:
    hospital.hears(messages.adt("A04"), messages.adt("A04", "2000002"), messages.merge("1000001", "2000002"))
    take(hospital, "L1,OLD,1000001,HOSP", "L2,OLD,2000002,HOSP")
    assert whom(hospital, "L1", "OLD") == whom(hospital, "L2", "OLD") == hospital.person().id
    with hospital.store.transaction() as conn:
        apart(conn, persons.merged_away(conn, PatientId("2000002", "HOSP")), hospital.now)
    assert whom(hospital, "L1", "OLD") == hospital.person().id
    assert whom(hospital, "L2", "OLD") == hospital.person("2000002").id != hospital.person().id
