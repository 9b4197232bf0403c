"""What the site's data have taught: how common names are in its register, counted daily, and how scores are shown.

Counting touches nothing: what is shown of a case changes when the case is looked at again for another reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from radrecon.model.rule import Fitted, NamesCounted
from radrecon.recon.calibrate import Calibration
from radrecon.recon.learned import UNTAUGHT, Learned
from radrecon.recon.names import COMMON, NameFrequencies, from_counts
from radrecon.store import calibrations, name_counts
from radrecon.store.database import Connection, Store

DAILY = timedelta(days=1)
Stamp = tuple[int, datetime]
_known: WeakKeyDictionary[object, tuple[Stamp, NameFrequencies]] = WeakKeyDictionary()  # by database engine


def load(conn: Connection) -> Learned:
    """The names are read again only after they were counted again."""
    fitted, names = calibrations.latest(conn), _names(conn)
    if fitted is None and names is COMMON:
        return UNTAUGHT
    return Learned(names, _calibration(fitted))


def _calibration(fitted: Fitted | None) -> Calibration:
    return Calibration(fitted.scores, fitted.odds) if fitted else UNTAUGHT.calibration


def _names(conn: Connection) -> NameFrequencies:
    stamp = name_counts.stamp(conn)
    if stamp is None:
        return COMMON
    before = _known.get(conn.engine)
    if before is None or before[0] != stamp:
        before = _known[conn.engine] = stamp, _frequencies(name_counts.latest(conn))
    return before[1]


def _frequencies(counted: NamesCounted | None) -> NameFrequencies:
    return from_counts(counted.families, counted.givens, counted.persons) if counted else COMMON


def is_due(store: Store, now: datetime) -> bool:
    with store.reading() as conn:
        last = name_counts.stamp(conn)
    return last is None or now - last[1] >= DAILY


def count_names(store: Store, now: datetime) -> NamesCounted:
    with store.reading() as conn:
        counted = name_counts.count(conn, now)
    with store.transaction() as conn:
        name_counts.save(conn, counted)
    return counted
