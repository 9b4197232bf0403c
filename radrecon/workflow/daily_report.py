"""The daily report: what is wrong, since when, and who can fix it; what is not judged is said too.

Zero is said in words. The same report is a page to print, a table for a spreadsheet, or JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import median

from jinja2 import Environment, PackageLoader

from radrecon.config import Config
from radrecon.model.rows import CaseRow, DeliveryRow, PacsStateRow, Summary
from radrecon.store import listings
from radrecon.store.backlog import Waiting, not_filed, open_cases
from radrecon.store.database import Connection, Store
from radrecon.store.settings import load_config
from radrecon.workflow import ris_lists

ROWS = 500  # of each kind; beyond that the report says how many more there are
KINDS = {
    "unassigned_study": ("Orphaned studies", "No orphaned studies."),
    "accession_collision": ("Accession collisions", "No accession collisions."),
    "demographic_mismatch": ("Demographic mismatches", "No demographic mismatches."),
    "suspected_overlay": ("Suspected overlays", "No suspected overlays."),
    "never_accessioned": ("Orders never accessioned", "Every order has its accession number."),
    "deletion_announced": ("Deletions announced", "No deletions announced."),
    "retired_identifier": ("Retired numbers in use", "No retired numbers in use."),
    "not_on_ris_worklist": ("Ordered, but not on the RIS worklist", "Every order due is on the RIS worklist."),
    "never_ordered": ("On the RIS worklist, never ordered", "Everything on the RIS worklist was ordered."),
    "worklist_mismatch": ("Other identities on the RIS worklist", "The RIS worklist names the right identities."),
    "missing_update": ("Updates that a PACS never got", "No update is known that a PACS never got."),
    "temporary_identity": ("Temporary identities unresolved", "No temporary identity waits to be resolved."),
    "order_without_registration": ("Orders without registration", "No order is known whose patient is not registered."),
    "overdue_order": ("Overdue orders without images", "No order is known to be overdue."),
    "images_without_report": ("Images without report", "No images are known to wait for a report for too long."),
    "report_without_images": ("Reports without images", "No report is known to be without images."),
    "duplicate_patients": ("Patients who may be registered twice", "Nobody seems to be registered twice."),
    "wrong_order": ("Wrong orders of the right patient", "No wrong orders."),
    "possible_wrong_pick": ("Possibly wrong worklist lines", "No possibly wrong worklist lines."),
    "split_accession": ("One study for several orders", "No study that is perhaps for several orders."),
    "accession_missing": ("Images without accession number", "Every linked study carries its accession number."),
    "under_investigation": ("Studies under investigation", "No studies under investigation."),
}
RIS_KINDS = ("not_on_ris_worklist", "never_ordered", "worklist_mismatch")  # only where such a list is asked
NOT_FILED = ("not_filed", "Corrections not filed", "Every correction is filed.")
OWNERS = {"us": "us", "registration": "registration", "ris": "RIS", "technologist": "technologist"}


@dataclass(frozen=True)
class ReportRow:
    """One case, or one correction that is not filed."""

    id: int
    since: str
    age_seconds: int
    cause: str
    owner: str
    state: str
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    accession_number: str = ""
    modality: str = ""
    station_name: str = ""
    performed_at: str = ""


@dataclass(frozen=True)
class Section:
    """All of one kind. `sentence` says it in words, zero too; ages are seconds, None where there is nothing."""

    kind: str
    title: str
    sentence: str
    count: int
    oldest_seconds: int | None
    median_seconds: int | None
    owners: dict[str, int]
    rows: tuple[ReportRow, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True)
class DailyReport:
    site: str
    generated_at: str
    watch_from: str
    sections: tuple[Section, ...]
    studies_not_judged: int
    not_judged: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {section.kind: section.count for section in self.sections}


def make(store: Store, now: datetime) -> DailyReport:
    with store.reading() as conn:
        config, summary = load_config(conn), listings.summary(conn)
        waiting = open_cases(conn)
        kinds = [kind for kind in KINDS if kind not in RIS_KINDS or config.worklist_source or kind in waiting]
        sections = [_cases(conn, kind, waiting.get(kind, []), now) for kind in kinds]
        sections.append(_not_filed(conn, now))
        not_judged = (*_not_judged(summary, listings.pacs_states(conn), config), *_lists_not_judged(conn))
    return DailyReport(
        site=config.site.name,
        generated_at=now.astimezone(config.zone()).isoformat(timespec="seconds"),
        watch_from=summary.watch_from,
        sections=tuple(sections),
        studies_not_judged=summary.studies_not_judged,
        not_judged=not_judged,
    )


def _cases(conn: Connection, kind: str, waiting: Sequence[Waiting], now: datetime) -> Section:
    rows = listings.cases(conn, kinds=[kind], limit=ROWS) if waiting else []
    title, none = KINDS[kind]
    if kind in RIS_KINDS and _lists_not_judged(conn):
        none = "None found, but not every list is judged: see below."
    oldest_first = sorted((_case_row(row, now) for row in rows), key=lambda row: row.since)
    return _section(kind, title, none, waiting, oldest_first, now)


def _section(
    kind: str, title: str, none: str, waiting: Sequence[Waiting], rows: Sequence[ReportRow], now: datetime
) -> Section:
    ages = [max(int((now - one.since).total_seconds()), 0) for one in waiting]
    return Section(
        kind=kind,
        title=title,
        sentence=_sentence(title, ages) if ages else none,
        count=len(ages),
        oldest_seconds=max(ages, default=None),
        median_seconds=int(median(ages)) if ages else None,
        owners=dict(Counter(one.owner for one in waiting).most_common()),
        rows=tuple(rows),
    )


def _sentence(title: str, ages: Sequence[int]) -> str:
    return f"{title}: {len(ages)}, the oldest {span(max(ages))}, half of them older than {span(int(median(ages)))}."


def _case_row(row: CaseRow, now: datetime) -> ReportRow:
    return ReportRow(
        id=row.id,
        since=row.opened_at,
        age_seconds=_age(row.opened_at, now),
        cause=row.cause,
        owner=row.owner,
        state=row.state,
        patient_id=row.patient_id,
        issuer_of_patient_id=row.issuer_of_patient_id,
        patient_name=row.patient_name,
        accession_number=row.accession_number,
        modality=row.modality,
        station_name=row.station_name,
        performed_at=row.performed_at,
    )


def _not_filed(conn: Connection, now: datetime) -> Section:
    """A row per correction, with what holds up each of its deliveries."""
    waiting, deliveries = not_filed(conn)
    rows: dict[int, list[DeliveryRow]] = {}
    for delivery in deliveries:
        rows.setdefault(delivery.correction_id, []).append(delivery)
    kind, title, none = NOT_FILED
    return _section(kind, title, none, waiting, [_correction_row(same, now) for same in rows.values()][:ROWS], now)


def _correction_row(deliveries: Sequence[DeliveryRow], now: datetime) -> ReportRow:
    first = deliveries[0]
    held = "; ".join(f"{one.destination} {one.state.replace('_', ' ')} {one.words}".strip() for one in deliveries)
    return ReportRow(
        id=first.correction_id,
        since=first.created_at,
        age_seconds=_age(first.created_at, now),
        cause=f"{first.verb}: {held}",
        owner="us",
        state=first.correction_state,
        patient_id=first.patient_id,
    )


def _age(since: str, now: datetime) -> int:
    return max(int((now - datetime.fromisoformat(since)).total_seconds()), 0)


def _not_judged(summary: Summary, pacs: Sequence[PacsStateRow], config: Config) -> tuple[str, ...]:
    """What the numbers above do not speak of."""
    zone = config.zone()
    said = []
    if summary.watch_from:
        said.append(f"Nothing from before {summary.watch_from} is judged.")
    if summary.studies_outside:
        said.append(f"{summary.studies_outside} studies are outside: imported, research, phantoms or tests.")
    if before := summary.studies_not_judged - summary.studies_outside:
        said.append(f"{before} of {summary.studies} studies are not judged.")
    elif summary.studies:
        said.append(f"All {summary.studies} studies are judged.")
    else:
        said.append("No study has been seen yet.")
    if summary.coverage_from:
        heard = datetime.fromisoformat(summary.coverage_from).astimezone(zone)
        said.append(f"Orders are heard since {heard:%Y-%m-%d %H:%M}; what was ordered before is not known.")
    else:
        said.append("No order has been heard yet, so no study can be called orphaned for want of one.")
    said += [f"{one.name} does not answer, its studies may be out of date." for one in pacs if not one.up]
    if summary.messages_refused:
        said.append(f"{summary.messages_refused} messages were refused and changed nothing.")
    return tuple(said)


def _lists_not_judged(conn: Connection) -> tuple[str, ...]:
    """Other systems' worklists that nothing can be said of now."""
    rows = [row for row in ris_lists.source_rows(conn) if row.state != "up"]
    return tuple(
        f"The worklist of {row.source} for {row.calling_ae_title} is not judged: {row.last_error or row.state}."
        for row in rows
    )


def span(seconds: int) -> str:
    """A length of time as people say it: 41 min, 5 h, 3 d."""
    length = timedelta(seconds=seconds)
    if length < timedelta(minutes=2):
        return f"{seconds} s"
    if length < timedelta(hours=2):
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if length < timedelta(days=2) else f"{seconds // 86400} d"


# -- as text ----------------------------------------------------------------------------------------------------------


def as_json(report: DailyReport) -> str:
    return json.dumps(asdict(report) | {"counts": report.counts}, ensure_ascii=False, indent=2) + "\n"


def as_html(report: DailyReport) -> str:
    """One file without anything from outside; every value is escaped."""
    pages = Environment(
        loader=PackageLoader("radrecon.workflow"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters["span"] = span
    pages.filters["owner"] = lambda owner: OWNERS.get(owner, owner)
    return pages.get_template("daily_report.html").render(report=report) + "\n"


def as_csv(report: DailyReport) -> str:
    """A line per row; a section without any says so in its cause."""
    names = ["section", "count", *ReportRow.__dataclass_fields__]
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(names)
    for section in report.sections:
        for row in section.rows:
            lines.writerow([section.kind, section.count, *map(_cell, asdict(row).values())])
        if not section.rows:
            lines.writerow([section.kind, 0, *(section.sentence if name == "cause" else "" for name in names[2:])])
    for sentence in report.not_judged:
        lines.writerow(["not_judged", "", *(sentence if name == "cause" else "" for name in names[2:])])
    return text.getvalue()


def _cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula is kept text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
