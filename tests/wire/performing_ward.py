"""A modality at a real engine: pynetdicom's MPPS SCU, and what the engine's database says of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityPerformedProcedureStep as MPPS  # type: ignore[attr-defined]

from radrecon.model.study import StudyFacts
from radrecon.store import listings
from radrecon.store import tables as t
from radrecon.store.database import open_store
from radrecon.workflow import feed
from tests.e2e.hospital import Engine, code, findscu, orm, send
from tests.unit.dicom.performed import EXPLICIT

ANNA = {"name": "FISCHER^ANNA", "mrn": "1000001", "sex": "F"}


class Ward:
    """An engine, its database, and one modality (pynetdicom's MPPS SCU)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.named = ""

    @contextlib.contextmanager
    def associated(self, syntax: str = EXPLICIT) -> Iterator[Any]:
        ae = AE(ae_title="CT1")
        ae.add_requested_context(MPPS, syntax)
        association = ae.associate(*self.engine.dicom, evt_handlers=[(evt.EVT_DIMSE_RECV, self._heard)])
        assert association.is_established
        yield association
        association.release()

    def _heard(self, event: Any) -> None:
        self.named = str(event.message.command_set.get("AffectedSOPInstanceUID", ""))

    def creates(self, dataset: Dataset | None, uid: str | None = None, syntax: str = EXPLICIT) -> Any:
        """The response; `named` is the instance that it names."""
        with self.associated(syntax) as association:
            return association.send_n_create(dataset, MPPS, uid)[0]

    def sets(self, uid: str, dataset: Dataset, syntax: str = EXPLICIT) -> Any:
        with self.associated(syntax) as association:
            return association.send_n_set(dataset, MPPS, uid)[0]

    def ordered(self, number: str, **more: str) -> str:
        """An order of Anna's; its Study UID."""
        uid = generate_uid()
        assert code(send(self.engine.mllp, orm(number, uid=uid, **(ANNA | more)))) == "AA"
        return uid

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        store = open_store(self.engine.database)
        try:
            with store.reading() as conn:
                yield conn
        finally:
            store.close()

    def order(self, number: str) -> Any:
        with self.reading() as conn:
            (row,) = listings.orders(conn, query=f"accession:{number}")
        return row

    def row(self, uid: str) -> Any:
        with self.reading() as conn:
            return next((one for one in listings.performed(conn) if one.sop_instance_uid == uid), None)

    def study(self, study_uid: str) -> Any:
        with self.reading() as conn:
            (row,) = listings.studies(conn, query=f"uid:{study_uid}")
        return row

    def case(self, study_uid: str) -> Any:
        with self.reading() as conn:
            return next((one for one in listings.cases(conn) if one.study_instance_uid == study_uid), None)

    def arrives(self, facts: StudyFacts) -> None:
        """A PACS lists a study; the engine's own worker looks at it."""
        store = open_store(self.engine.database)
        feed.record(store, "main", [facts], at=datetime.now(UTC), baseline=False, stable=0)
        store.close()

    def journal(self, uid: str) -> list[Any]:
        with self.reading() as conn:
            rows = t.performed_message.select().where(t.performed_message.c.sop_instance_uid == uid)
            return list(conn.execute(rows.order_by(t.performed_message.c.id)))

    def on_worklist(self, number: str, folder: Path) -> bool:
        keys = (f"AccessionNumber={number}", "PatientID")
        return bool(findscu(self.engine.dicom, "RADRECON", folder, *keys, worklist=True))
