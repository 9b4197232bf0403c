"""What another system's worklist answered: kept, compared with what stood there before, and told to who asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.config import Config, WorklistSourceConfig
from radrecon.model.ris_worklist import Listed, ListState, RisAnswer, WorklistEntry, WorklistSourceRow
from radrecon.recon.normalise import accession_key, id_key
from radrecon.recon.ris_scope import window
from radrecon.recon.ris_words import answer_sentence
from radrecon.store import queue, ris_lists, settings
from radrecon.store.codec import iso
from radrecon.store.database import Connection, Store

RIS_LIST = "ris_list"  # kind of touched: a source's name
UNIMPORTANT = {"study_instance_uid": "", "flags": (), "charset": ""}  # some systems make a new UID for each answer


@dataclass(frozen=True)
class Asked:
    """One list as it was answered. `error`: why it is not whole, "" where it is; then the entries are only some."""

    source: str
    station: str
    at: datetime
    day_from: str
    day_to: str
    entries: tuple[WorklistEntry, ...] = ()
    error: str = ""
    milliseconds: float = 0.0


def days_asked(config: Config, station: str, now: datetime) -> tuple[str, str]:
    """The ISO days of a modality's window on the site's calendar."""
    modality = next(one for one in config.modality if one.ae_title == station)
    begin, end = window(modality, config.zone().key, now)
    return begin[:10], end[:10]


def entry_key(entry: WorklistEntry) -> str:
    """What names an entry on whichever list of its source it stands, as long as it stands there."""
    names = [entry.accession_number, entry.scheduled_procedure_step_id, entry.requested_procedure_id]
    if not any(names):
        names = [entry.study_instance_uid, id_key(entry.patient.patient_id.value), entry.start, entry.modality]
    return hashlib.blake2b("\0".join(names).encode("utf-8", "replace"), digest_size=12).hexdigest()


def record(store: Store, asked: Asked) -> None:
    """Keep what one list answered; one that is not whole takes nothing off.

    Compared with nothing locked, and again only where somebody else has written meanwhile.
    """
    with store.reading() as conn:
        known, change = _compare(conn, asked)
    rows = ris_lists.as_rows([(one, accession_key(one.entry.accession_number)) for one in change.begun])
    with store.transaction() as conn:
        if ris_lists.state(conn, asked.source, asked.station) != known:
            known, change = _compare(conn, asked)
            rows = ris_lists.as_rows([(one, accession_key(one.entry.accession_number)) for one in change.begun])
        ris_lists.end(conn, [one.id for one in change.ended], last_seen=known.complete_at, gone_at=asked.at)
        ris_lists.add(conn, rows)
        if change.ended:
            ris_lists.trim(conn, asked.source, asked.at)
        ris_lists.save_state(conn, _after(known, asked))


@dataclass(frozen=True)
class _Change:
    """Stays that ended and stays that began."""

    ended: tuple[Listed, ...] = ()
    begun: tuple[Listed, ...] = ()


def _after(known: ListState, asked: Asked) -> ListState:
    state = replace(known, asked_at=asked.at, error=asked.error, milliseconds=round(asked.milliseconds, 1))
    if asked.error:
        return state
    return replace(
        state,
        complete_at=asked.at,
        first_complete_at=known.first_complete_at or asked.at,
        answers=len(asked.entries),
        day_from=asked.day_from,
        day_to=asked.day_to,
    )


def _compare(conn: Connection, asked: Asked) -> tuple[ListState, _Change]:
    """What is new or differs begins a stay, what is there no more ends one."""
    known = ris_lists.state(conn, asked.source, asked.station)
    if asked.error:
        return known, _Change()
    here = {one.key: one for one in ris_lists.listed(conn, asked.source, asked.station)}
    now_there = {entry_key(entry): entry for entry in asked.entries}
    differs = {key for key, entry in now_there.items() if key in here and _differs(here[key].entry, entry)}
    fresh = now_there.keys() - here.keys()
    earlier = _earliest(ris_lists.stays(conn, asked.source, fresh)) | here
    ended = [one for key, one in here.items() if key not in now_there or key in differs]
    begun = [
        _begun(known, asked, key, entry, earlier.get(key))
        for key, entry in now_there.items()
        if key in differs or key in fresh
    ]
    return known, _Change(tuple(ended), tuple(begun))


def _differs(one: WorklistEntry, other: WorklistEntry) -> bool:
    return replace(one, **UNIMPORTANT) != replace(other, **UNIMPORTANT)  # type: ignore[arg-type]


def _earliest(stays: Iterable[Listed]) -> dict[str, Listed]:
    """An entry that was moved, or put back, was there before: its first stay on any list counts."""
    found: dict[str, Listed] = {}
    for one in stays:
        if one.key not in found or one.first_seen < found[one.key].first_seen:
            found[one.key] = one
    return found


def _begun(known: ListState, asked: Asked, key: str, entry: WorklistEntry, before: Listed | None) -> Listed:
    if before is not None:
        first_seen, fresh = before.first_seen, before.fresh
    else:
        first_seen, fresh = asked.at, known.day_from <= entry.start[:10] <= known.day_to
    return Listed(asked.source, asked.station, key, entry, first_seen, fresh)


def wake(store: Store, source: str, now: datetime) -> None:
    """A source has been asked: it is compared again."""
    with store.transaction() as conn:
        queue.touch(conn, RIS_LIST, [source], now)


def forget_unasked(store: Store, config: Config, now: datetime) -> None:
    """Lists that are no longer asked for, by the configuration, are not known any more; their cases close."""
    asked = {
        (source.name, one.ae_title)
        for source in config.worklist_source
        if source.enabled
        for one in config.callers_of(source)
    }
    with store.reading() as conn:
        over = [one for one in ris_lists.states(conn) if (one.source, one.station) not in asked]
    if over:
        with store.transaction() as conn:
            for one in over:
                ris_lists.forget(conn, one.source, [one.station])
            queue.touch(conn, RIS_LIST, sorted({one.source for one in over}), now)


# -- telling ----------------------------------------------------------------------------------------------------------


def about(conn: Connection, station: str, accession: str, now: datetime) -> tuple[RisAnswer, ...]:
    """Per source: whether its list for this station has the accession number, and what else is known. `now`: aware.

    Nothing where no source is configured.
    """
    config = settings.load_config(conn)
    return tuple(_about(conn, config, source, station.strip(), accession, now) for source in config.worklist_source)


def _about(
    conn: Connection, config: Config, source: WorklistSourceConfig, station: str, accession: str, now: datetime
) -> RisAnswer:
    stays = ris_lists.by_accession(conn, source.name, accession_key(accession))
    here = sorted({one.station for one in stays if one.gone_at is None})
    callers = [one.ae_title for one in config.callers_of(source)]
    station = station or next(iter(here + callers), "")  # nobody's list in particular: any that has it
    state = ris_lists.state(conn, source.name, station)
    asks = source.enabled and station in callers
    return RisAnswer(
        source.name,
        answer_sentence(source.name, station, state, stays, asks=asks, now=now, zone=config.zone().key),
        station in here,
        tuple(here),
        iso(state.asked_at),
        state.answers,
    )


def source_rows(conn: Connection) -> list[WorklistSourceRow]:
    """Every list that the configuration asks for, with how it went last."""
    config = settings.load_config(conn)
    rows: list[WorklistSourceRow] = []
    known = {(one.source, one.station): one for one in ris_lists.states(conn)}
    for source in config.worklist_source:
        for one in config.callers_of(source):
            state = known.get((source.name, one.ae_title), ListState(source.name, one.ae_title))
            rows.append(_row(source, state, len(rows) + 1))
    return rows


def _row(source: WorklistSourceConfig, state: ListState, number: int) -> WorklistSourceRow:
    return WorklistSourceRow(
        id=state.id or -number,
        source=source.name,
        calling_ae_title=state.station,
        ae_title=source.ae_title,
        host=source.host,
        port=source.port,
        state=_state_word(source, state),
        asked_at=iso(state.asked_at),
        last_success=iso(state.complete_at),
        answers=state.answers,
        last_error=state.error,
        milliseconds=state.milliseconds,
        poll_seconds=source.poll_seconds,
    )


def _state_word(source: WorklistSourceConfig, state: ListState) -> str:
    if not source.enabled:
        return "off"
    if state.asked_at is None:
        return "never asked"
    return "up" if state.is_current else "not answered"
