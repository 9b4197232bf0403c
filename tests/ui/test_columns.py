"""The facts of each list, in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.ui.models import columns
from radrecon.ui.models.rows_model import Column
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import NOW, at, order, study


def cells(shown: tuple[Column[Any], ...], row: Any) -> list[tuple[str, str]]:
    return [(one.text(row, NOW), one.second(row, NOW) if one.second else "") for one in shown]


def test_a_name_is_read_family_first_in_every_script() -> None:
    assert columns.name("YAMADA^TARO=山田^太郎=やまだ^たろう") == "YAMADA, TARO 山田 太郎 やまだ たろう"
    assert columns.name("DOE^JOHN^Q^JR^DR") == "DOE, JOHN Q JR DR"
    assert columns.name("UNKNOWN") == "UNKNOWN"


@pytest.mark.parametrize(
    ("modality", "station", "said"), [("CT", "CT-MAIN", "CT-MAIN"), ("CT", "ROOM 4", "CT ROOM 4"), ("CT", "", "CT")]
)
def test_a_station_that_names_its_modality_says_it_once(modality: str, station: str, said: str) -> None:
    assert columns.device(modality, station) == said


def test_an_order_says_when_who_and_what() -> None:
    row = order(1, priority="HIGH", patient_class="E", scheduled_start=at(-30))
    assert cells(columns.ORDERS, row) == [
        ("· in 30 min", "high ED"),
        ("FISCHER, ANNA MARIE", "4471023  " + columns.birth_and_sex(row)),
        ("A102001", "CT1 ABDOMEN PELVIS W CONTRAST"),
    ]


def test_a_linked_order_hurries_nobody() -> None:
    due = columns.ORDERS[0]
    waiting, linked = order(1, priority="STAT", linked_study_id=0), order(1, priority="STAT", linked_study_id=7)
    assert (due.text(waiting, NOW)[0], due.text(linked, NOW)[0]) == ("▲", "·")
    assert columns.ORDERS[2].text(linked, NOW) == "A102001 · linked"


def test_the_cause_of_an_arriving_study_says_so() -> None:
    row = next(one for one in FakeBackend().case_rows if one.study_status == "arriving")
    assert columns.cause(row, NOW).startswith("arriving · ")


def test_an_identifier_in_hl7s_form_is_read_with_its_issuer() -> None:
    assert columns.written_id("8778652^^^HOSP") == "8778652 · HOSP"
    assert columns.written_id("8778652") == "8778652"


def test_images_of_a_wrong_pick_are_said_so_until_a_person_has_linked_them() -> None:
    shown = next(one for one in columns.STUDIES if one.name == "Order")
    picked = study(1, wrong_worklist_entry=True, link_state="")
    assert shown.text(picked, NOW) == "wrong entry"
    assert shown.text(study(1, wrong_worklist_entry=True, link_state="confirmed"), NOW) == "linked, confirmed"


def test_a_query_says_that_it_was_narrowed_or_cut_off() -> None:
    warning = next(one for one in columns.QUERIES if one.name == "Warning")
    row = FakeBackend().worklist_queries()[1]
    assert row.narrowed
    assert warning.text(row, NOW) == "◇ narrowed: date, station"
    assert warning.text(replace(row, narrowed=()), NOW) == "◆ any date"
    assert warning.text(replace(row, status="A700 after 41"), NOW) == "◆ cut off at 41"


def test_a_line_says_what_the_modality_drops_it_for_and_who_is_called_alike() -> None:
    remark = next(one for one in columns.WORKLIST if one.name == "Remark")
    row = FakeBackend().worklist()[0]
    assert remark.text(row, NOW) == ""
    assert remark.text(replace(row, similar_to=(7,)), NOW) == "◆ similar name"
    assert remark.text(replace(row, similar_to=(7,), warnings=("one", "two")), NOW) == "◆ one (+1)"


def test_an_issuer_without_a_number_is_not_read_as_one() -> None:
    assert columns.identifier(study(1, patient_id="", issuer_of_patient_id="HOSP")) == "○ no id"
    assert columns.identifier(study(1)) == "4471023 · HOSP"


def test_the_cause_in_a_list_leaves_out_the_rule_that_asked_a_person() -> None:
    row = replace(FakeBackend().case_rows[0], cause="A1 is not known; order A2 fits; rule link_by_patient_id is off")
    assert columns.cause(row, NOW) == "A1 is not known; order A2 fits"
