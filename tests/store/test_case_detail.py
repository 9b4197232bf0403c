from __future__ import annotations

import pytest

from radrecon.model.errors import NotFound
from radrecon.store.case_detail import case_detail
from radrecon.store.database import Store
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
