"""The comparison: what differs, character by character, and what will be true afterwards."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.rows import CaseDetail, ListedRow
from radrecon.ui.compare import comparison, plain, spans
from tests.ui.fake_backend import FakeBackend


def test_identity_comes_whole_from_the_person_index() -> None:
    found = comparison(FakeBackend().case_detail(1), 1)
    identity = [row for row in found if row.identity]
    assert [row.field for row in identity] == ["patient_id", "patient_name", "patient_birth_date", "patient_sex"]
    assert {row.owner for row in identity} == {"index"}
    assert all(row.result.text == row.person.text for row in identity)


def test_the_study_keeps_its_uid_times_and_station() -> None:
    found = {row.field: row for row in comparison(FakeBackend().case_detail(1), 1)}
    for field in ("study_instance_uid", "time", "modality", "station"):
        assert found[field].owner == "images"
        assert found[field].result.text == found[field].study.text


def test_a_mistyped_accession_is_marked_where_it_differs() -> None:
    found = {row.field: row for row in comparison(FakeBackend().case_detail(1), 1)}
    cell = found["accession_number"].study
    assert cell.mark == "differs"
    assert "".join(cell.text[a:b] for a, b in cell.spans) == "10"


def test_what_the_images_lack_is_missing_and_what_the_index_never_holds_is_not() -> None:
    found = {row.field: row for row in comparison(FakeBackend().case_detail(2), 2)}
    assert found["patient_birth_date"].study.mark in ("", "missing", "differs")
    assert found["accession_number"].study.mark == "missing"
    assert found["accession_number"].person.mark == ""


def test_without_an_order_the_images_are_all_there_is() -> None:
    found = {row.field: row for row in comparison(FakeBackend().case_detail(4))}
    assert {row.owner for row in found.values()} == {"images"}
    assert not any(row.differs for row in found.values())


def test_case_diacritics_and_trailing_carets_do_not_matter() -> None:
    assert plain("MÜLLER^Jürgen^^") == plain("muller^jurgen")
    assert plain("MÜLLER") != plain("MUELLER")


@given(st.text(max_size=30), st.text(max_size=30))
def test_spans_stay_inside_the_text(text: str, truth: str) -> None:
    for start, end in spans(text, truth):
        assert 0 <= start <= end <= len(text)


def test_a_number_without_its_issuer_is_no_difference_and_another_one_is() -> None:
    detail = FakeBackend().case_detail(1)
    assert detail.study is not None
    bare = replace(detail, study=replace(detail.study, issuer_of_patient_id=""))
    found = {row.field: row for row in comparison(bare, 1)}["patient_id"].study
    assert (found.mark, found.note) == ("unimportant", "no issuer")
    other = replace(detail, study=replace(detail.study, issuer_of_patient_id="", patient_id="447102"))
    assert {row.field: row for row in comparison(other, 1)}["patient_id"].study.mark == "differs"


def test_what_an_order_only_planned_is_no_conflict() -> None:
    detail = FakeBackend().case_detail(1)
    planned = replace(detail.orders[1], study_instance_uid="1.2.3", scheduled_station_ae_title="")
    found = {row.field: row for row in comparison(replace(detail, orders={1: planned}), 1)}
    assert found["study_instance_uid"].order.mark == "unimportant"
    assert found["station"].order.mark == ""


def listed(**changes: str) -> CaseDetail:
    """A case of an order that another system lists otherwise."""
    detail = FakeBackend().case_detail(1)
    order = detail.orders[1]
    row = ListedRow(
        "RIS", order.accession_number, order.patient_id, order.issuer_of_patient_id, order.patient_name,
        order.patient_birth_date, order.patient_sex, order.modality, "CT9", order.scheduled_start, "",
    )  # fmt: skip
    return replace(detail, study=None, listed=replace(row, **changes))  # type: ignore[arg-type]


def test_another_systems_worklist_stands_in_the_middle_and_is_never_the_result() -> None:
    found = {row.field: row for row in comparison(listed(patient_name="OTHER^NAME"), 1)}
    assert {row.middle for row in found.values()} == {"Worklist of RIS"}
    assert (found["patient_name"].study.text, found["patient_name"].study.mark) == ("OTHER^NAME", "differs")
    assert {row.owner for row in found.values()} == {"index", "order"}
    assert found["station"].result.text == found["station"].order.text
    assert found["time"].order.note == ""


def test_an_issuer_alone_is_no_number_and_the_number_is_missing() -> None:
    known = FakeBackend().case_detail(1)
    assert known.study is not None
    bare = replace(known, study=replace(known.study, patient_id="", issuer_of_patient_id="HOSP"))
    found = {row.field: row for row in comparison(bare, 1)}
    assert (found["patient_id"].study.text, found["patient_id"].study.mark) == ("", "missing")
