"""One database, its configuration and a clock that tests move: what is heard, what is seen, what became of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from radrecon.config import Config, HL7DestinationConfig, PacsConfig, SiteConfig
from radrecon.model.case import CaseKind
from radrecon.model.correction import DeliveryState, Plan
from radrecon.model.errors import Trouble
from radrecon.model.order import Order
from radrecon.model.patient import PatientId
from radrecon.model.person import Link, Person
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.attributes import demographics_from, study_attributes
from radrecon.store import cases, corrections, orders, persons, queue, settings, studies, study_links, worklist
from radrecon.store import tables as t
from radrecon.store.cases import StoredCase
from radrecon.store.corrections import Delivery
from radrecon.store.database import Store
from radrecon.workflow import approval, duplicates, feed, outbox, planning, proving, reconcile, undoing
from radrecon.workflow.ingest import take_group
from radrecon.workflow.intake import Received, Site, Taken
from tests.builders import NOW
from tests.workflow import messages

STABLE = 60.0
on_both = pytest.mark.parametrize("hospital", ["sqlite", "postgresql"], indirect=True)

ARCHIVE = PacsConfig(
    name="main", ae_title="MAIN", port=1, profile="orthanc", rest_url="http://127.0.0.1:1", stable_seconds=STABLE,
    send=True,
)  # fmt: skip
CONFIG = Config(
    site=SiteConfig(name="HOSP", time_zone="UTC", watch_from=date(2026, 11, 20), patient_id_issuer="HOSP"),
    pacs=[ARCHIVE],
)


def destination(name: str = "viewer", **more: Any) -> HL7DestinationConfig:
    return HL7DestinationConfig(name=name, port=1, messages=["ADT", "ORM"], **more)


class Hospital:
    """A database with what a site has; `now` moves only when a test says so."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.configure(CONFIG)

    def configure(self, config: Config) -> None:
        self.config = config
        with self.store.transaction() as conn:
            settings.save_config(conn, config)
            settings.start_watching(conn, date(2026, 11, 20))

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # -- what comes in ------------------------------------------------------------------------------------------------

    def takes(self, *raws: bytes) -> list[Taken]:
        """A group of messages in one commit."""
        self.later(1)
        return take_group(self.store, [Received(raw, "10.0.0.1", self.now) for raw in raws], Site(self.config))

    def hears(self, *raws: bytes) -> None:
        """Each by itself, all of them well."""
        for raw in raws:
            (taken,) = self.takes(raw)
            assert taken.ack_code == "AA", taken.reason
        self.reconcile()

    def hears_an_early_order(self) -> None:
        """An order of somebody else, so that from now on orders are heard."""
        self.hears(messages.order("Z900", messages.pid("9999999", "OTHER^PERSON", "19300101", "M")))
        self.later(10)

    def looks(self, *facts: StudyFacts, baseline: bool = False) -> feed.Seen:
        self.later(1)
        found = feed.record(self.store, "main", facts, at=self.now, baseline=baseline, stable=STABLE)
        self.reconcile()
        return found

    def sees(self, *facts: StudyFacts) -> None:
        """Studies arrive, are quiet, and are found the same again: complete."""
        self.looks(*facts)
        self.looks(*facts)
        self.later(STABLE + 2)
        self.reconcile()

    def loses(self, *uids: str) -> None:
        self.later(1)
        feed.vanished(self.store, "main", uids, at=self.now)
        self.reconcile()

    def reconcile(self) -> int:
        return reconcile.drain(self.store, self.now)

    def compares(self) -> int:
        """Persons with persons, once nothing else is to be done; returns how many were compared."""
        self.reconcile()
        return duplicates.drain(self.store, self.now)

    def recheck(self) -> None:
        """Look at everything again: every study, person and accession number."""
        after = reconcile.recheck_everything(self.store, self.now)
        while after:
            after = reconcile.recheck_everything(self.store, self.now, after)
        with self.store.transaction() as conn:
            queue.touch(conn, "person", conn.execute(sa.select(t.person.c.id)).scalars().all(), self.now)
            numbers = conn.execute(
                sa.union(sa.select(t.study.c.accession_number), sa.select(t.imaging_order.c.accession_number))
            ).scalars()
            queue.touch(conn, "accession", [one for one in numbers if one], self.now)
        self.reconcile()

    # -- what became of it --------------------------------------------------------------------------------------------

    def cases(self, *states: str) -> list[StoredCase]:
        """Live ones unless states are named."""
        with self.store.reading() as conn:
            ids = conn.execute(
                sa.select(t.case.c.id).where(t.case.c.state.in_(states or cases.LIVE)).order_by(t.case.c.id)
            ).scalars()
            return [cases.load_one(conn, one) for one in list(ids)]

    def case(self, kind: CaseKind | None = None) -> StoredCase:
        """The only live case (of a kind)."""
        found = [one for one in self.cases() if kind in (None, one.kind)]
        assert len(found) == 1, found
        return found[0]

    def kinds(self) -> list[str]:
        return sorted(str(one.kind) for one in self.cases())

    def person(self, mrn: str = "1000001", issuer: str = "HOSP") -> Person:
        """Whom a number leads to."""
        with self.store.reading() as conn:
            known = persons.find(conn, PatientId(mrn, issuer))
            assert known is not None, f"nobody has {mrn}"
            found = persons.load_one(conn, known.person_id)
        assert found is not None
        return found

    def people(self) -> int:
        with self.store.reading() as conn:
            return int(conn.execute(sa.select(sa.func.count()).select_from(t.person)).scalar_one())

    def orders(self, accession: str = "A100") -> list[Order]:
        with self.store.reading() as conn:
            return orders.by_accession(conn, accession)

    def order(self, accession: str = "A100") -> Order:
        (found,) = self.orders(accession)
        return found

    def worklist(self) -> list[str]:
        """The accession numbers that are on the worklist."""
        with self.store.reading() as conn:
            return [order.accession_number for order, _ in worklist.scheduled(conn)]

    def study(self, uid: str = "1.2.3") -> Study:
        with self.store.reading() as conn:
            found = studies.by_uid(conn, "main", uid)
        assert found is not None
        return found

    def link(self, uid: str = "1.2.3") -> Link | None:
        with self.store.reading() as conn:
            return study_links.link_of_study(conn, self.study(uid).id)

    def linked(self, uid: str = "1.2.3") -> str:
        """The accession number of the order that a study is linked to, "" for none."""
        link = self.link(uid)
        with self.store.reading() as conn:
            found = orders.load_one(conn, link.order_id) if link else None
        return found.accession_number if found else ""

    def touched(self) -> list[queue.Touched]:
        with self.store.reading() as conn:
            return queue.due(conn, self.now)

    def journal(self, **where: Any) -> list[Any]:
        """Rows of the journal, oldest first."""
        with self.store.reading() as conn:
            wanted = [getattr(t.message.c, name) == value for name, value in where.items()]
            return list(conn.execute(t.message.select().where(*wanted).order_by(t.message.c.id)))

    # -- corrections --------------------------------------------------------------------------------------------------

    def plans(self, verb: str, case: StoredCase | None = None, **more: Any) -> Plan:
        return planning.plan(self.store, (case or self.case()).id, verb, now=self.now, **more)

    def approves(self, plan: Plan) -> int:
        return approval.approve(self.store, plan, reason="typed by hand", who="ann", now=self.now)

    def plans_undo(self, correction: int) -> Plan:
        return undoing.plan_undo(self.store, correction, self.now)

    def correction(self, correction: int) -> corrections.Correction:
        with self.store.reading() as conn:
            return corrections.load_correction(conn, correction)

    def deliveries(self, correction: int) -> list[Delivery]:
        with self.store.reading() as conn:
            return corrections.deliveries_of(conn, correction)

    def delivery(self, delivery: int) -> Delivery:
        with self.store.reading() as conn:
            return corrections.load_delivery(conn, delivery)

    def ready(self) -> list[int]:
        return [one.id for one in outbox.ready(self.store, self.now)]

    def sends(self, delivery: int, state: DeliveryState, words: str = "") -> None:
        """One attempt of a delivery, with its outcome."""
        self.later(1)
        begun = outbox.begin(self.store, self.delivery(delivery), self.now)
        assert begun is not None
        outbox.end(self.store, begun, state, self.now, words)

    def carries_out(self, correction: int) -> None:
        """Peers that do as they are told: messages acknowledged, edits written, and the PACS then shows them."""
        for one in self.deliveries(correction):
            self.sends(one.id, DeliveryState.WRITTEN if one.planned.edit else DeliveryState.ACKNOWLEDGED)
        shown = {uid: shows_now(self.study(uid).facts, values) for uid, values in self._edits(correction).items()}
        for delivery in proving.waiting_for_proof(self.store, self.now):
            if delivery.correction_id == correction:
                self.later(1)
                proving.judge_proof(self.store, delivery, dict(shown), self.now, 60, self.config)
        self.looks(*shown.values()) if shown else self.reconcile()

    def _edits(self, correction: int) -> dict[str, dict[str, str]]:
        edits = [one.planned.edit for one in self.deliveries(correction)]
        return {edit.study_instance_uid: edit.values for edit in edits if edit}

    def corrects(self, verb: str, case: StoredCase | None = None, **more: Any) -> int:
        """Plan, approve, and all peers do their part."""
        correction = self.approves(self.plans(verb, case, **more))
        self.carries_out(correction)
        return correction

    def undoes(self, correction: int) -> int:
        undo = self.approves(self.plans_undo(correction))
        self.carries_out(undo)
        return undo

    def refused(self, error: type[Trouble], verb: str, case: StoredCase | None = None, **more: Any) -> str:
        with pytest.raises(error) as caught:
            self.plans(verb, case, **more)
        return str(caught.value)

    # -- the whole ----------------------------------------------------------------------------------------------------

    def state(self) -> tuple[list[Any], list[Any]]:
        """Live cases and standing links in terms that do not depend on who came first."""
        with self.store.reading() as conn:
            accessions = dict(conn.execute(sa.select(t.imaging_order.c.id, t.imaging_order.c.accession_number)).all())
            uids = dict(conn.execute(sa.select(t.study.c.id, t.study.c.study_instance_uid)).all())
            links = conn.execute(t.link.select().where(t.link.c.revoked_at.is_(None))).all()
        found = [
            (str(one.kind), uids.get(one.finding.study_id, ""), _named(one.subject, uids), _timeless(one.finding.cause))
            for one in self.cases()
        ]
        return sorted(found), sorted((uids[one.study_id], accessions[one.order_id], one.state) for one in links)

    def dump(self) -> list[Any]:
        """Every case and link row, whatever its state."""
        with self.store.reading() as conn:
            return [
                [tuple(row) for row in conn.execute(table.select().order_by(table.c.id))] for table in (t.case, t.link)
            ]


def _timeless(cause: str) -> str:
    """When a message was heard is a matter of who came first."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "then", cause)


def _named(subject: str, uids: dict[int, str]) -> str:
    kind, _, value = subject.partition(":")
    return uids[int(value)] if kind == "study" else subject if kind == "accession" else kind


def shows_now(facts: StudyFacts, values: dict[str, str]) -> StudyFacts:
    """What the PACS answers once it has taken these values."""
    present = study_attributes(facts) | values
    return replace(facts, patient=demographics_from(present), accession_number=present["AccessionNumber"])
