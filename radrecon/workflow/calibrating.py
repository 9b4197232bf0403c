"""Scores are held against what people decided: fitted daily or on request, kept with date and counts.

What links by itself rests on the odds before calibration (recon/calibrate.py): a fit changes what is shown, never what
is decided. Each study is taken as it was before it was corrected, and its scores are computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from radrecon.model.rule import ALL_ON, Fitted
from radrecon.recon.calibrate import fit, odds_of
from radrecon.store import calibrations, decided
from radrecon.store.database import Store
from radrecon.workflow.history import Past, past

DAILY = timedelta(days=1)
LOOK_BACK = timedelta(days=365)
MOST = 50_000  # decisions: enough for any curve, and an end to the work


def pairs(one: Past) -> Iterator[tuple[float, bool]]:
    """Log-odds in bits of each order that was proposed, and whether the person took it."""
    for each in one.verdict.ranking.candidates:
        yield odds_of(each.probability), each.order_id == one.decided.order_id


def is_due(store: Store, now: datetime) -> bool:
    """A day after the last fit, if somebody has decided something since; at once where there was none."""
    with store.reading() as conn:
        last = calibrations.latest(conn)
        if last and now - last.at < DAILY:
            return False
        return decided.count(conn, last.at if last else None) > 0


def refit(store: Store, now: datetime, progress: Callable[[int, int], None] = lambda done, total: None) -> Fitted:
    """Fit anew to the decisions of the last year."""
    since = now - LOOK_BACK
    with store.reading() as conn:
        total = min(decided.count(conn, since), MOST)
    found: list[tuple[float, bool]] = []
    done = 0
    for one in past(store, ALL_ON, since):
        found += pairs(one)
        done += 1
        progress(done, max(total, done))
        if done >= MOST:
            break
    curve = fit(found)
    fitted = Fitted(now, done, len(found), sum(right for _, right in found), curve.scores, curve.odds)
    with store.transaction() as conn:
        calibrations.save(conn, fitted)
    return fitted
