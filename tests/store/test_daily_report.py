from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from radrecon.config import Config, ModalityConfig, WorklistSourceConfig
from radrecon.model.case import Finding
from radrecon.store import cases, pacs, settings
from radrecon.store.database import Store
from radrecon.store.life import database_now
from radrecon.workflow import daily_report
from radrecon.workflow.daily_report import DailyReport, Section, span
from tests.store.hospital import build, correct, open_cases, orphan_finding


def made(store: Store) -> DailyReport:
    with store.reading() as conn:
        now = database_now(conn)
    return daily_report.make(store, now)


def section(report: DailyReport, kind: str) -> Section:
    return next(one for one in report.sections if one.kind == kind)


def open_more(store: Store, finding: Finding, number: int, hours: float) -> None:
    with store.transaction() as conn:
        then = database_now(conn) - timedelta(hours=hours)
        cases.settle(conn, f"x:{number}", [finding.kind], [replace(finding, subject=f"x:{number}")], then)


def test_zero_is_said_in_words(store: Store) -> None:
    report = made(store)
    said = [one.sentence for one in report.sections]
    assert said == [
        "No orphaned studies.",
        "No accession collisions.",
        "No demographic mismatches.",
        "No suspected overlays.",
        "Every order has its accession number.",
        "No deletions announced.",
        "No retired numbers in use.",
        "No update is known that a PACS never got.",
        "No temporary identity waits to be resolved.",
        "No order is known whose patient is not registered.",
        "No order is known to be overdue.",
        "No images are known to wait for a report for too long.",
        "No report is known to be without images.",
        "Nobody seems to be registered twice.",
        "No wrong orders.",
        "No possibly wrong worklist lines.",
        "No study that is perhaps for several orders.",
        "Every linked study carries its accession number.",
        "No studies under investigation.",
        "Every correction is filed.",
    ]
    html = daily_report.as_html(report)
    assert all(sentence in html for sentence in said)
    assert "No order has been heard yet" in html


def test_counts_ages_and_owners_are_of_all_open_cases(store: Store) -> None:
    h = build(store)
    for number, hours in enumerate((1.0, 3.0, 10.0)):
        open_more(store, orphan_finding(h), number, hours)
    found = section(made(store), "unassigned_study")
    assert found.count == 3
    assert found.owners == {"technologist": 3}
    assert found.oldest_seconds == pytest.approx(36_000, abs=60)
    assert found.median_seconds == pytest.approx(10_800, abs=60)
    assert found.sentence == "Orphaned studies: 3, the oldest 10 h, half of them older than 3 h."
    assert [row.age_seconds // 3600 for row in found.rows] == [10, 3, 1]
    assert found.rows[0].patient_name == "MULER^BERT"


def test_more_than_a_page_is_counted_and_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_report, "ROWS", 2)
    h = build(store)
    for number in range(3):
        open_more(store, orphan_finding(h), number, 1)
    report = made(store)
    assert (section(report, "unassigned_study").count, len(section(report, "unassigned_study").rows)) == (3, 2)
    assert "And 1 more." in daily_report.as_html(report)


def test_a_correction_that_is_not_filed_is_one_row_with_what_holds_it_up(store: Store) -> None:
    h = build(store)
    correct(h, open_cases(h)[0])
    found = section(made(store), "not_filed")
    assert found.count == 1
    assert found.rows[0].cause == "link: main queued; ehr queued"


def test_what_is_not_judged_is_said_too(store: Store) -> None:
    build(store)
    with store.transaction() as conn:
        settings.set_watch_from(conn, date(2026, 11, 1))
        pacs.note(conn, "main", up=False)
    said = " ".join(made(store).not_judged)
    assert "Nothing from before 2026-11-01 is judged." in said
    assert "1 of 3 studies are not judged." in said
    assert "Orders are heard since" in said
    assert "main does not answer" in said


def test_text_from_outside_stays_text(store: Store) -> None:
    h = build(store)
    evil = '<script>alert(1)</script> & "x"'
    open_more(store, replace(orphan_finding(h), cause=evil), 1, 1)
    html = daily_report.as_html(made(store))
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "http" not in html


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_spreadsheet_takes_no_text_for_a_formula(store: Store, start: str) -> None:
    h = build(store)
    open_more(store, replace(orphan_finding(h), cause=f"{start}cmd|' /C calc'!A0"), 1, 1)
    rows = list(csv.DictReader(io.StringIO(daily_report.as_csv(made(store)))))
    assert rows[0]["cause"] == f"'{start}cmd|' /C calc'!A0"


def test_csv_says_zero_too(store: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(daily_report.as_csv(made(store)))))
    assert (rows[0]["section"], rows[0]["count"], rows[0]["cause"]) == ("unassigned_study", "0", "No orphaned studies.")


def test_json_has_counts_by_kind_and_the_time_with_its_offset(store: Store) -> None:
    open_cases(build(store))
    found = json.loads(daily_report.as_json(made(store)))
    assert found["counts"] == {
        "unassigned_study": 1, "accession_collision": 1, "demographic_mismatch": 0, "suspected_overlay": 0,
        "never_accessioned": 0, "deletion_announced": 0, "retired_identifier": 0, "wrong_order": 0,
        "possible_wrong_pick": 0, "split_accession": 0, "accession_missing": 0, "under_investigation": 0,
        "not_filed": 0,
        "missing_update": 0, "temporary_identity": 0, "order_without_registration": 0,
        "overdue_order": 0, "images_without_report": 0, "report_without_images": 0, "duplicate_patients": 0,
    }  # fmt: skip
    assert found["generated_at"][-6:] in ("+01:00", "+02:00")
    assert found["site"] == "St. Anna"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_799, "47 h"), (172_800, "2 d")],
)
def test_spans_are_said_as_people_do(seconds: int, words: str) -> None:
    assert span(seconds) == words


def test_where_another_worklist_is_asked_its_cases_and_silence_are_said(store: Store) -> None:
    source = WorklistSourceConfig(name="RIS", ae_title="RISWL", port=104)
    with store.transaction() as conn:
        settings.save_config(conn, Config(modality=[ModalityConfig(ae_title="CT1")], worklist_source=[source]))
    report = made(store)
    assert section(report, "not_on_ris_worklist").sentence == "None found, but not every list is judged: see below."
    assert "The worklist of RIS for CT1 is not judged: never asked." in report.not_judged
