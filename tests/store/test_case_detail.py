from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, Finding
from radrecon.model.errors import NotFound
from radrecon.model.ris_worklist import WorklistEntry
from radrecon.recon.ris_worklist import as_listed
from radrecon.store import cases
from radrecon.store.case_detail import case_detail
from radrecon.store.database import Store
from tests.builders import NOW, demographics
from tests.store.hospital import build, correct, open_cases, orphan_finding


def test_a_case_page_has_everything_beside_each_other(store: Store) -> None:
    h = build(store)
    number, _ = open_cases(h)
    correction = correct(h, number)
    with store.reading() as conn:
        detail = case_detail(conn, number, {"link": ""})
    finding = orphan_finding(h)
    assert (detail.differences, detail.candidates) == (finding.differences, finding.candidates)
    assert detail.study is not None
    assert detail.study.id == h.orphan
    assert len(detail.series) == 1
    assert set(detail.orders) == {h.order_bert}
    assert detail.person is not None
    assert detail.person.id == h.bert
    assert [row.id for row in detail.corrections] == [correction]
    assert detail.verbs == {"link": ""}
    assert [row.at for row in detail.timeline] == sorted(row.at for row in detail.timeline)
    assert {"order", "study", "case", "correction", "delivery"} <= {row.what for row in detail.timeline}


def test_a_case_without_a_study_has_no_study(store: Store) -> None:
    _, number = open_cases(build(store))
    with store.reading() as conn:
        detail = case_detail(conn, number)
    assert (detail.study, detail.person, detail.verbs) == (None, None, {})


def test_no_case_is_said_so(store: Store) -> None:
    with store.reading() as conn, pytest.raises(NotFound, match="no case 3"):
        case_detail(conn, 3)


def test_an_entry_of_another_worklist_is_all_there_is_of_its_case(store: Store) -> None:
    entry = WorklistEntry("B7", modality="CT", station_ae_title="CT1", patient=demographics(), flags=("no UID",))
    evidence = {"listed": as_listed(entry, "RIS")}
    finding = Finding(CaseKind.NEVER_ORDERED, "ris:RIS/entry:k", "never ordered", evidence=evidence)
    with store.transaction() as conn:
        number = cases.open_case(conn, finding, NOW)
    with store.reading() as conn:
        detail = case_detail(conn, number)
    row = detail.case
    assert (row.accession_number, row.patient_id, row.patient_name) == ("B7", "1000001", "FISCHER^ANNA")
    assert (row.modality, row.station_name) == ("CT", "CT1")
    assert detail.listed is not None
    assert (detail.listed.source, detail.listed.patient_birth_date, detail.listed.flags) == (
        "RIS", "1960-05-17", ("no UID",),
    )  # fmt: skip


def test_a_case_of_many_names_them(store: Store) -> None:
    h = build(store)
    more = {"total": 40, "order_ids": (h.order_bert, h.order_anna, 999), "study_ids": (h.linked,)}
    finding = Finding(CaseKind.OVERDUE_ORDER, "many:CT/CT1", "no images from CT1", **more)  # type: ignore[arg-type]
    with store.transaction() as conn:
        number = cases.open_case(conn, finding, NOW)
        together = cases.open_case(conn, Finding(CaseKind.MISSING_UPDATE, "update:1", "", study_ids=(h.linked,)), NOW)
    with store.reading() as conn:
        detail, update = case_detail(conn, number), case_detail(conn, together)
    assert [(row.kind, row.id, row.accession_number) for row in detail.affected] == [
        ("order", h.order_bert, "A200"),
        ("order", h.order_anna, "A100"),
    ]
    assert [(row.kind, row.id) for row in update.affected] == [("study", h.linked)]
