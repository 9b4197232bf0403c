"""A modality that tells a hospital what it does, as its data sets reach the workflow."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from radrecon.model.errors import ContentError
from radrecon.model.performed import Refusal
from radrecon.store import listings, performed
from radrecon.store import tables as t
from radrecon.store.performed import StoredPerformed
from radrecon.workflow import performing
from radrecon.workflow.performing import N_CREATE, N_SET, Said
from tests.unit.dicom.performed import EXPLICIT, encoded
from tests.workflow.hospital import Hospital


class Modality:
    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital

    def says(self, operation: str, uid: str, dataset: Dataset) -> Refusal | None:
        hospital = self.hospital
        hospital.later(1)
        said = Said(operation, uid, encoded(dataset), EXPLICIT, "CT1", "10.0.0.9", hospital.now)
        content = performing.read(said.raw, said.transfer_syntax)
        assert not isinstance(content, ContentError)
        answer = performing.take(hospital.store, said, content, hospital.config)
        hospital.reconcile()
        return answer

    def begins(self, uid: str, dataset: Dataset) -> None:
        assert self.says(N_CREATE, uid, dataset) is None

    def goes_on(self, uid: str, dataset: Dataset) -> None:
        assert self.says(N_SET, uid, dataset) is None

    def known(self, uid: str) -> StoredPerformed:
        with self.hospital.store.reading() as conn:
            found = performed.by_uid(conn, uid)
        assert found is not None
        return found

    def row(self, uid: str) -> Any:
        with self.hospital.store.reading() as conn:
            return next(one for one in listings.performed(conn) if one.sop_instance_uid == uid)

    def journal(self) -> list[Any]:
        with self.hospital.store.reading() as conn:
            return list(conn.execute(t.performed_message.select().order_by(t.performed_message.c.id)))

    def stands(self, accession: str = "A100") -> tuple[str, list[str]]:
        """The order's status and those of its steps."""
        order = self.hospital.order(accession)
        return str(order.status), [str(step.status) for step in order.steps]
