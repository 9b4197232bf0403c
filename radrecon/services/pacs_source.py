"""What the study feed asks of a PACS, in the way that the PACS is followed: C-FIND or QIDO-RS. All of it blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from radrecon.config import PacsConfig
from radrecon.model.study import StudyFacts
from radrecon.services import pacs_dimse
from radrecon.services.pacs_changes import ChangeReader
from radrecon.services.pacs_qido import Qido


class Source(Protocol):
    """Dates are ISO, both ends included, None = open. Every method raises PeerTrouble; `study` also ListedTwice."""

    def studies(self, date_from: str | None, date_to: str | None) -> Iterator[StudyFacts]:
        """Studies of a range of study dates without their series, as they come."""

    def study(self, uid: str) -> StudyFacts | None:
        """One study with its series; None if the PACS has it not."""

    def undated(self) -> Iterator[StudyFacts]:
        """Studies without a usable date, as they come; no range of dates lists them."""

    def alive(self) -> None:
        """Raises PeerTrouble where the PACS answers nothing at all."""

    def close(self) -> None: ...


class Dimse:
    """A PACS that is asked by C-FIND, each question on an association of its own."""

    def __init__(self, pacs: PacsConfig, own_ae: str, pace: Callable[[], None]) -> None:
        self._pacs, self._own_ae, self._pace = pacs, own_ae, pace

    def studies(self, date_from: str | None, date_to: str | None) -> Iterator[StudyFacts]:
        return pacs_dimse.list_studies(self._pacs, self._own_ae, date_from, date_to, self._pace)

    def study(self, uid: str) -> StudyFacts | None:
        return pacs_dimse.find_study(self._pacs, self._own_ae, uid, self._pace)

    def undated(self) -> Iterator[StudyFacts]:
        """C-FIND matches no empty value (PS3.4 C.2.2.2.3): all are listed, and the dated ones dropped as they come."""
        return (facts for facts in self.studies(None, None) if not facts.performed)

    def alive(self) -> None:
        pacs_dimse.echo(self._pacs, self._own_ae)

    def close(self) -> None: ...


class Orthanc(Dimse):
    """C-FIND for facts; Orthanc's REST interface pages through what carries no date."""

    def __init__(self, pacs: PacsConfig, own_ae: str, pace: Callable[[], None]) -> None:
        super().__init__(pacs, own_ae, pace)
        self.changes = ChangeReader(pacs, pace)

    def undated(self) -> Iterator[StudyFacts]:
        for uid in self.changes.undated():
            try:
                found = self.study(uid)
            except pacs_dimse.ListedTwice as error:
                yield from error.told
            else:
                yield from [found] if found else []

    def close(self) -> None:
        self.changes.close()


class Dicomweb:
    """A PACS that is asked by QIDO-RS."""

    def __init__(self, pacs: PacsConfig, pace: Callable[[], None]) -> None:
        self._qido = Qido(pacs, pace)

    def studies(self, date_from: str | None, date_to: str | None) -> Iterator[StudyFacts]:
        return self._qido.studies(date_from, date_to)

    def study(self, uid: str) -> StudyFacts | None:
        return self._qido.study(uid)

    def undated(self) -> Iterator[StudyFacts]:
        return (facts for facts in self._qido.studies() if not facts.performed)

    def alive(self) -> None:
        next(self._qido.studies("19000101", "19000101"), None)

    def close(self) -> None:
        self._qido.close()


def source_of(pacs: PacsConfig, own_ae: str, pace: Callable[[], None]) -> Source:
    if pacs.feed_kind == "qido":
        return Dicomweb(pacs, pace)
    return Orthanc(pacs, own_ae, pace) if pacs.feed_kind == "orthanc" else Dimse(pacs, own_ae, pace)
