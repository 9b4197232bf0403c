"""Two records that may be one person: both identity blocks, how far they agree, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import Pair, PairClass, Reason
from radrecon.model.duplicate import Particulars
from radrecon.model.rows import CaseDetail
from radrecon.ui.main_window import MainWindow
from radrecon.ui.models.candidates import pair_reason_rows
from radrecon.ui.pages.case import CasePage
from radrecon.ui.pages.page import Place
from radrecon.ui.pair_compare import HEADS, pair_rows
from tests.ui.conftest import settled
from tests.ui.fake_backend import FakeBackend
from tests.ui.keyboard import press

REASONS = (
    Reason("family_name", "equal", 7.5, "family name: equal"),
    Reason("given_name", "one slip apart", 4.5, "given name: one slip apart"),
    Reason("patient_birth_date", "equal", 14.0, "birth date: equal"),
    Reason("population", "prior", -20.0, "before anything is compared"),
)
PAIR = Pair(1, 2, "more orders and studies are under it", PairClass.LIKELY, 0.985, 6.0, REASONS, ("the sexes differ",))


def detail(backend: FakeBackend) -> CaseDetail:
    found = backend.case_detail(1)
    people = {row.id: row for row in backend.patients()[:2]}
    people[2] = replace(people[2], patient_name="FISHER^ANNA MARIE", patient_birth_date=people[1].patient_birth_date)
    case = replace(found.case, kind="duplicate_patients", owner="registration", study_id=0, order_id=0, candidates=())
    verbs = {"link": "the case is not about one study", "fix": "the case is not about one study", "merge": ""}
    return CaseDetail(
        case, persons=people, person=people[1], pair=PAIR, verbs=verbs, timeline=found.timeline,
        particulars={1: Particulars(street="4 High Street", postcode="20095")},
    )  # fmt: skip


def test_both_identity_blocks_stand_side_by_side() -> None:
    rows = {row.field: row for row in pair_rows(detail(FakeBackend()), PAIR)}
    assert list(rows)[:4] == ["patient_id", "patient_name", "patient_birth_date", "patient_sex"]
    name = rows["patient_name"]
    assert (name.order.text, name.study.text) == ("FISCHER^ANNA MARIE", "FISHER^ANNA MARIE")
    assert name.study.mark == "differs"
    assert name.person.text == "+12.0  equal, one slip apart"
    assert name.result.text == "FISCHER^ANNA MARIE"
    assert rows["street"].order.text == "4 High Street"
    assert "national_id" not in rows
    assert all(row.heads == HEADS for row in rows.values())


def test_the_evidence_ends_with_what_it_comes_to() -> None:
    rows = pair_reason_rows(PAIR)
    assert rows[0].veto
    assert rows[0].text == "the sexes differ"
    total = next(row for row in rows if row.field == "in all")
    assert total.bits == sum(row.bits for row in rows if row.field not in ("in all", ""))
    assert "more orders and studies" in rows[-1].text
    assert len({row.id for row in rows}) == len(rows)


@pytest.fixture
def duplicate(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    found = detail(backend)
    monkeypatch.setattr(backend, "case_detail", lambda case_id: found)
    return backend


async def test_the_case_page_shows_the_pair_and_why(window: MainWindow, duplicate: FakeBackend) -> None:
    window.go(Place("case", 1))
    await settled(window)
    page = window.page
    assert isinstance(page, CasePage)
    assert page.comparison.fields.heads == HEADS
    assert "Possible duplicate" in page.heading.text()
    assert page.tabs.currentWidget() is page.why
    assert page.why.table.rows_model.rows[0].text == "the sexes differ"
    assert page.buttons["merge"].isEnabled()
    assert not page.buttons["link"].isEnabled()
    assert not page.default_verb
    assert page.two_numbers == ("4471023^^^HOSP", "4471188^^^HOSP")


async def test_m_plans_the_merge_that_is_proposed(
    window: MainWindow, duplicate: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []
    plan = duplicate.plan

    def planned(case_id: int, verb: str, *, order_id: int = 0, values: dict[str, str] | None = None) -> object:
        asked.append({"verb": verb, **(values or {})})
        return plan(case_id, "fix", order_id=1)

    monkeypatch.setattr(duplicate, "plan", planned)
    window.go(Place("case", 1))
    await settled(window)
    await press(window, "m")
    await settled(window)
    assert asked == [{"verb": "merge", "survivor": "4471023^^^HOSP", "non_survivor": "4471188^^^HOSP"}]
    assert window.page.name == "preview"
