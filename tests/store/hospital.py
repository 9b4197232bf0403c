"""A small hospital in the database: what the list tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from radrecon.config import Config, ModalityConfig, PacsConfig, SiteConfig
from radrecon.model.case import Candidate, CaseKind, CaseOwner, Difference, Finding, Reason, Weight
from radrecon.model.correction import DatasetEdit, Plan, PlannedDelivery, Verb
from radrecon.model.order import ReportVersion, StepStatus
from radrecon.model.patient import PatientId
from radrecon.model.person import Link, LinkState
from radrecon.store import cases, corrections, journal, orders, pacs, persons, reports, settings, studies, study_links
from radrecon.store.database import Store
from radrecon.store.life import database_now
from tests.builders import NOW, demographics, order, step, study

BERLIN = Config(
    site=SiteConfig(name="St. Anna", time_zone="Europe/Berlin"),
    pacs=[
        PacsConfig(name="main", ae_title="MAIN", port=104, stable_seconds=60, send=True),
        PacsConfig(name="vna", ae_title="VNA", port=105),
    ],
    modality=[ModalityConfig(ae_title="US1")],
)


@dataclass(frozen=True)
class Hospital:
    """Ids of what is in it."""

    store: Store
    anna: int
    bert: int
    order_anna: int
    order_bert: int
    linked: int
    orphan: int


def build(store: Store) -> Hospital:
    """Anna's CT is linked and reported; Bert's images carry a mistyped accession and name."""
    with store.transaction() as conn:
        now = database_now(conn)
        settings.save_config(conn, BERLIN)
        pacs.note(conn, "main", up=True, last_success=NOW, baseline_done=True, send=True)
        anna = persons.insert(conn, demographics("0001", "FISCHER^ANNA", other_ids=(PatientId("R1", "RIS"),)))
        bert = persons.insert(conn, demographics("2", "MÜLLER^BERT", sex="M"))
        order_anna = orders.save(conn, order("A100", demographics("0001"), person_id=anna), at=now - timedelta(hours=3))
        order_bert = orders.save(
            conn,
            order(
                "A200", demographics("2", "MÜLLER^BERT"), person_id=bert, priority="S",
                steps=(step(station_ae_title="MR1", modality="MR", start="2026-07-01T08:00:00"),),
            ),
            at=now,
        )  # fmt: skip
        orders.save(conn, order("A300", person_id=bert, steps=(step(status=StepStatus.CANCELLED),)), at=now)
        linked = studies.insert(
            conn, study("1.1", "A100", demographics("1")), at=now - timedelta(hours=2), baseline=False, person_id=anna
        )
        studies.seen_again(conn, [linked], now)
        studies.set_judged(conn, linked, True, "")
        study_links.set_link(conn, Link(linked, order_anna, LinkState.AUTO), now)
        orphan = studies.insert(conn, study("1.2", "A020", demographics("2", "MULER^BERT")), at=now, baseline=False)
        studies.set_judged(conn, orphan, True, "")
        studies.insert(conn, study("1.3", pacs="vna"), at=now, baseline=True)
        reports.add(conn, ReportVersion("A100", status="F", text="x"), order_id=order_anna, at=now, message_id=0)
    return Hospital(store, anna, bert, order_anna, order_bert, linked, orphan)


def orphan_finding(h: Hospital) -> Finding:
    reasons = (Reason("accession_number", "near", 4.0, "accession digits transposed"),)
    return Finding(
        CaseKind.UNASSIGNED_STUDY,
        f"study:{h.orphan}",
        "accession A020 is not known; order A200 fits",
        CaseOwner.TECHNOLOGIST,
        study_id=h.orphan,
        differences=(
            Difference("patient_name", "MÜLLER^BERT", "MULER^BERT", Weight.DIFFERS),
            Difference("patient_sex", "M", "M", Weight.EQUAL),
            Difference("issuer_of_patient_id", "HOSP", "", Weight.UNIMPORTANT),
        ),
        candidates=(Candidate(h.order_bert, "A200", 0.93, 4.0, reasons, ("name differs",)),),
        evidence={"orders": [h.order_bert]},
    )


def collision_finding() -> Finding:
    return Finding(
        CaseKind.ACCESSION_COLLISION, "accession:RIS/A100", "A100 on two patients", CaseOwner.RIS, severity=3
    )


def open_cases(h: Hospital) -> tuple[int, int]:
    """The orphan's case (id 1) and a collision (id 2), opened an hour ago."""
    with h.store.transaction() as conn:
        then = database_now(conn) - timedelta(hours=1)
        for finding in (orphan_finding(h), collision_finding()):
            cases.settle(conn, finding.subject, [finding.kind], [finding], then)
    return 1, 2


def correct(h: Hospital, case_id: int, *, proof: str = "main") -> int:
    """An approved link of the orphan: one dataset edit and one message."""
    edit = DatasetEdit("main", "1.2", {"AccessionNumber": "A200"})
    plan = Plan(
        Verb.LINK,
        case_id,
        "study to A200",
        deliveries=(
            PlannedDelivery("main", ("study:1.2", "patient:2^^^HOSP"), edit=edit, proof=proof, title="images"),
            PlannedDelivery("ehr", ("patient:2^^^HOSP",), message="MSH|", title="ADT^A08"),
        ),
    )
    with h.store.transaction() as conn:
        now = database_now(conn)
        number = corrections.insert_correction(conn, plan, reason="typo", ticket="T7", who="ann", at=now)
        for place, one in enumerate(plan.deliveries):
            corrections.insert_delivery(conn, number, place, one, now)
    return number


def talk(store: Store) -> None:
    """Three messages: an applied order with an odd byte, a refused ADT, one that we sent."""
    with store.transaction() as conn:
        journal.add(
            conn,
            journal.Entry(
                "in", NOW, "MSH|1\rPID|||1||Müller".encode("latin-1"), "10.0.0.1", "RIS", "H", "C-1", "ORM^O01",
                state="applied", patient_id="1", accession_number="A100",
                keys=(("patient_id", "1"), ("patient_name", "Müller"), ("accession_number", "A100"),
                      ("control_id", "C-1"), ("order_number", "P-7")),
            ),
        )  # fmt: skip
        journal.add(
            conn,
            journal.Entry(
                "in", NOW, "MSH|2\rPID|||2||Ärztin".encode(), "10.0.0.1", "HIS", "H", "C-2", "ADT^A08",
                state="refused", reason="PID-3 is empty", keys=(("control_id", "C-2"),),
            ),
        )  # fmt: skip
        journal.add(conn, journal.Entry("out", NOW, b"MSH|3", "10.0.0.2", "RADRECON", state="acknowledged"))
