"""What each page loads, and in which order work stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.errors import Trouble
from radrecon.model.rows import OrderRow
from radrecon.store.query_text import parse
from radrecon.ui import loads
from radrecon.ui.query import Query
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import NOW, at, case, order, study


def test_orders_of_now_stand_before_tomorrows_however_urgent() -> None:
    tomorrow = order(1, priority="STAT", scheduled_start=at(-24 * 60), linked_study_id=0)
    now = order(2, priority="ROUTINE", scheduled_start=at(5), linked_study_id=0)
    urgent = order(3, priority="STAT", scheduled_start=at(-20), linked_study_id=0)
    linked = order(4, priority="STAT", scheduled_start=at(5), linked_study_id=9)
    ranked = sorted((linked, tomorrow, now, urgent), key=lambda one: loads.order_urgency(one, NOW))
    assert [one.id for one in ranked] == [3, 2, 1, 4]


def test_complete_studies_stand_before_arriving_ones() -> None:
    arriving = case(1, "unassigned_study", "", study(3, status="arriving"))
    complete = case(2, "unassigned_study", "", study(4))
    assert min((arriving, complete), key=loads.case_urgency) is complete


def test_cancelled_orders_are_no_work(backend: FakeBackend) -> None:
    backend.order_rows = [order(1, status="CANCELLED"), order(2)]
    assert [row.id for row in loads.triage(backend, Query(), NOW).orders] == [2]


def test_the_rarer_kinds_say_which_page_shows_them(backend: FakeBackend) -> None:
    rows = loads.triage(backend, Query(), NOW).others
    assert {row.opens for row in rows} == {"case", "outbox", "messages"}
    assert len({row.id for row in rows}) == len(rows)


def test_what_should_have_come_is_among_the_rarer_kinds(backend: FakeBackend) -> None:
    kinds = [
        "missing_update", "temporary_identity", "order_without_registration", "images_without_report",
        "report_without_images", "overdue_order",
    ]  # fmt: skip
    backend.case_rows = [case(number, kind, "late", study(1)) for number, kind in enumerate(kinds, 1)]
    words = {row.kind for row in loads.triage(backend, Query(), NOW).others if row.opens == "case"}
    assert words == {
        "missing update", "temporary identity", "not registered", "no report", "report, no images", "overdue order",
    }  # fmt: skip


def test_a_query_that_no_pane_knows_is_trouble(backend: FakeBackend) -> None:
    with pytest.raises(Trouble):
        loads.triage(backend, Query("verb:x control:y uid:z"), NOW)


def test_the_case_of_a_study_is_found(backend: FakeBackend) -> None:
    first = backend.case_rows[0]
    assert loads.case_of_study(backend, first.study_id) == first.id
    assert loads.case_of_study(backend, 9999) == 0


def test_typed_text_about_a_person_is_never_a_query_key(backend: FakeBackend) -> None:
    asked: list[str] = []
    backend.patients = lambda *, query="", limit=0: asked.append(query) or []  # type: ignore[method-assign,func-returns-value]
    for text in ("4471023^^^HOSP", "FISCHER^ANNA", 'mrn:7 "x"'):
        loads.persons(backend, text)
    assert asked == ["4471023", "FISCHER ANNA", '"mrn:7" x']


def test_a_patient_without_order_is_told_from_the_images(backend: FakeBackend) -> None:
    backend.order_rows = []
    backend.study_rows = [replace(study(1), patient_id="777")]
    found = loads.find_patient(backend, "777", "", NOW)
    assert "images arrived" in found.text


def test_whether_a_station_is_shown_a_step_is_asked_of_its_own_list(backend: FakeBackend) -> None:
    any_ct = replace(backend.order_rows[0], scheduled_station_ae_title="", status="SCHEDULED")
    backend.order_rows = [any_ct]
    plain = backend.worklist
    backend.worklist = lambda *, station="", query="", limit=0: plain(query=query)  # type: ignore[method-assign]
    assert "On the list of CT9" in loads.find_patient(backend, any_ct.accession_number, "CT9", NOW).text


class Numbers(FakeBackend):
    """Identifiers are compared whole, as databases do."""

    def orders(self, *, query: str = "", limit: int = 500) -> list[OrderRow]:
        (term,) = parse(query).terms
        texts = [(row, (row.patient_id, row.accession_number)) for row in self.order_rows]
        if term.key:
            return [row for row in self.order_rows if getattr(row, term.key) == term.value]
        return [row for row, found in texts if any(term.value in one for one in found)]


def numbered(one: dict[str, str], other: dict[str, str]) -> FakeBackend:
    backend = Numbers()
    backend.study_rows = []
    backend.order_rows = [replace(order(n), status="COMPLETED", **more) for n, more in ((1, one), (2, other))]
    return backend


def test_a_whole_number_counts_before_all_that_have_it_within() -> None:
    backend = numbered({"patient_id": "4471"}, {"patient_id": "14471", "accession_number": "A4471"})
    assert loads.find_patient(backend, "4471", "", NOW).text.startswith("FISCHER")
    assert loads.find_patient(backend, "447", "", NOW).text.startswith("2 patients fit")


def test_a_number_that_is_one_patients_and_anothers_accession_is_both() -> None:
    backend = numbered({"patient_id": "4471"}, {"accession_number": "4471"})
    assert loads.find_patient(backend, "4471", "", NOW).text.startswith("2 patients fit")


@pytest.mark.parametrize("text", ["a:b", '"open', "(", "*", "-x", "FISCHER^ANNA MARIE", "Fischer, Anna"])
def test_the_one_box_takes_whatever_is_typed(backend: FakeBackend, text: str) -> None:
    assert loads.find_patient(backend, text, "CT1", NOW).text
