"""Looking at one PACS and saving what was found: windows of studies, single studies, and what is no longer listed.

The study feed, its sweep and Orthanc's changes all look through this. Every question waits in the PACS's line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

import structlog

from radrecon.config import Config, PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services.pacs_line import Closed, Line, Pace, Urgency
from radrecon.services.pacs_query import CutShort, ListedTwice
from radrecon.services.pacs_source import Source, source_of
from radrecon.store.database import Store
from radrecon.workflow import feed

log = structlog.get_logger()

CHUNK = 200  # listed studies that are compared and saved together
MANY = 20_000  # answers to one question: a PACS that lists more is cut off


@dataclass
class Listed:
    """What one list brought. `cut`: it was longer than our limit or the PACS's; `fresh` ones want their series.

    `twice`: listed more than once, perhaps under several patients.
    """

    begun: datetime
    seen: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    fresh: list[StudyFacts] = field(default_factory=list)
    cut: bool = False
    seconds: float = 0.0
    details: int = 0


@dataclass(frozen=True)
class Missed:
    """What became of known studies that a list left out: vanished, or still there in the days that were asked."""

    gone: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Days:
    """A range of study dates, ISO, both ends included; "" = open."""

    first: str = ""
    last: str = ""

    def hold(self, performed: str) -> bool:
        return bool(performed) and self.first <= performed[:10] and (not self.last or performed[:10] <= self.last)


class Observer:
    """One PACS, its line, its bound on load, and the database that is filled."""

    def __init__(self, store: Store, config: Config, peer: PacsConfig) -> None:
        self.store, self.peer, self.zone = store, peer, config.zone()
        self._pace = Pace(peer.queries_per_minute)
        self.source: Source = source_of(peer, config.engine.ae_title, self._pace.wait)
        self.line = Line(peer.name, self.source.close)
        self.lists_nothing = False  # what it says of what is gone is not believed then
        self._several: set[str] = set()

    def close(self) -> None:
        self._pace.close()
        self.line.close()

    def several(self) -> str:
        """Which studies the PACS lists under several patients, in words; "" where it does so of none."""
        uids = sorted(self._several)
        return f"{len(uids)} listed under several patients: {', '.join(uids[:3])}" if uids else ""

    async def take(
        self,
        urgency: Urgency,
        days: Days,
        *,
        baseline: bool = False,
        details: int = MANY,
        limit: int = MANY,
        whole: bool = False,
        divisible: bool = False,
    ) -> Listed:
        """List a range of days, save it, and ask for the series of at most so many that are new or changed.

        `whole`: a list that is cut off is of no use, and what was new in it is left for another. `divisible`: less can
        be asked for, so that one which the PACS refuses as too long is cut off; else it is a failure.
        """
        divisible = divisible or whole
        listed = await self.line.ask(urgency, self._list, lambda: self._studies(days), baseline, limit, divisible)
        if whole and listed.cut:
            return listed
        await self._save_fresh(urgency, listed, baseline, details)
        return listed

    async def take_undated(self, *, baseline: bool, details: int) -> Listed:
        """The same of the studies without a date, of which no less can be asked for."""
        listed = await self.line.ask(Urgency.SWEEP, self._list, self.source.undated, baseline, MANY, True)
        await self._save_fresh(Urgency.SWEEP, listed, baseline, details)
        return listed

    async def look_at(self, urgency: Urgency, uid: str) -> StudyFacts | None:
        """Look at one study now and save what is found, or that it is gone."""
        return await self.line.ask(urgency, self._look_at, uid)

    async def look_or_skip(self, urgency: Urgency, uid: str) -> StudyFacts | None:
        """The same where other studies wait: a PACS that is down raises.

        Of a study that the PACS does not tell comes its UID alone.
        """
        return await self.line.ask(urgency, self._look_or_skip, uid)

    async def ask_for(self, urgency: Urgency, uids: list[str], days: Days) -> Missed:
        """Ask directly for known studies that a list left out, before any is called gone."""
        gone = kept = 0
        for uid in uids:
            facts = await self.look_or_skip(urgency, uid)
            gone += facts is None
            kept += facts is not None and days.hold(facts.performed)
        return Missed(gone, kept)

    # -- on the line's thread -----------------------------------------------------------------------------------------

    def _studies(self, days: Days) -> Iterator[StudyFacts]:
        return self.source.studies(days.first or None, days.last or None)

    def _list(
        self, ask: Callable[[], Iterator[StudyFacts]], baseline: bool, limit: int, may_be_refused: bool
    ) -> Listed:
        """Compare as the answers come, so that no more than what is fresh is held."""
        listed, started, part = Listed(datetime.now(UTC)), monotonic(), list[StudyFacts]()
        answers = ask()
        try:
            for facts in answers:
                if len(listed.seen) >= limit:
                    listed.cut = True
                    break
                listed.twice |= {facts.study_instance_uid} & listed.seen
                listed.seen.add(facts.study_instance_uid)
                part.append(facts)
                if len(part) == CHUNK:
                    self._sort(listed, part, baseline)
                    part = []
        except CutShort:
            if not (listed.seen or may_be_refused):
                raise
            listed.cut = True
        finally:
            if isinstance(answers, Iterator) and hasattr(answers, "close"):
                answers.close()
        self._sort(listed, part, baseline)
        listed.seconds = monotonic() - started
        return listed

    def _sort(self, listed: Listed, part: list[StudyFacts], baseline: bool) -> None:
        if part:
            compared = feed.compare(self.store, self.peer.name, part)
            listed.fresh += compared.fresh
            self._save(list(compared.same), listed.begun, baseline)

    async def _save_fresh(self, urgency: Urgency, listed: Listed, baseline: bool, details: int) -> None:
        """New and changed ones, a few at a time, so that the desk sees them arrive."""
        fresh = list({facts.study_instance_uid: facts for facts in listed.fresh}.values())
        for start in range(0, len(fresh), feed.CHUNK):
            bite, begun = [], listed.begun
            for facts in fresh[start : start + feed.CHUNK]:
                if listed.details < details or facts.study_instance_uid in listed.twice:
                    listed.details += 1
                    bite += await self.line.ask(urgency, self._with_series, facts)
                else:
                    bite.append(facts)
            await self.line.ask(urgency, self._save, bite, begun, baseline)
        listed.fresh = []

    def _with_series(self, facts: StudyFacts) -> list[StudyFacts]:
        """A study with its series; as it was listed where they are not told; none if it went meanwhile."""
        try:
            found = self.source.study(facts.study_instance_uid)
        except Closed:
            raise
        except ListedTwice as error:
            return self._of_several(facts.study_instance_uid, error)
        except PeerTrouble as error:
            self._tell_unread(error)
            return [facts]
        self._several.discard(facts.study_instance_uid)
        return [] if found is None else [found]

    def _of_several(self, uid: str, error: ListedTwice) -> list[StudyFacts]:
        found = feed.of_several(self.store, error.told)
        if found and uid not in self._several and not found[0].patient.patient_id:
            log.warning("a study of several patients", pacs=self.peer.name, study=uid, reason=str(error))
            self._several.add(uid)
        return found

    def _look_or_skip(self, uid: str) -> StudyFacts | None:
        try:
            return self._look_at(uid)
        except Closed:
            raise
        except PeerTrouble as error:
            self._tell_unread(error)
            return StudyFacts(self.peer.name, uid)

    def _tell_unread(self, error: PeerTrouble) -> None:
        """One study that is not told stops no other; a PACS that is down ends the look."""
        if not isinstance(error, ListedTwice):
            self.source.alive()
        log.warning("a study is not told", pacs=self.peer.name, reason=str(error))

    def _look_at(self, uid: str) -> StudyFacts | None:
        begun = datetime.now(UTC)
        try:
            found = self.source.study(uid)
        except ListedTwice as error:
            self._save(self._of_several(uid, error), begun, baseline=False)
            raise
        self._several.discard(uid)
        if found is None:
            feed.vanished(self.store, self.peer.name, [uid], at=datetime.now(UTC), begun=begun)
        else:
            self._save([found], begun, baseline=False)
        return found

    def _save(self, found: list[StudyFacts], begun: datetime, baseline: bool) -> None:
        stable, now = self.peer.stable_seconds, datetime.now(UTC)
        feed.record(self.store, self.peer.name, found, at=now, begun=begun, baseline=baseline, stable=stable)
