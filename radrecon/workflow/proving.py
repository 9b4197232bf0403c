"""What a fresh answer of the PACS makes of a delivery: filed, not yet, not applied, or to be done again.

Filed means that the PACS, asked again, shows the new values and no longer the old. What can be shown by something else
than what was sent proves nothing of it: an uncertain message by our own edit, a whole edit by its first image.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from radrecon.config import Config
from radrecon.model.correction import DeliveryState
from radrecon.model.study import StudyFacts
from radrecon.recon.verify import shows
from radrecon.store import corrections
from radrecon.store.corrections import Delivery
from radrecon.store.database import Store
from radrecon.workflow import outbox

S = DeliveryState


def waiting_for_proof(store: Store, now: datetime, passed_over: Collection[str] = ()) -> list[Delivery]:
    """Written or acknowledged ones that a PACS can prove, and uncertain ones, but for the PACS passed over."""
    with store.reading() as conn:
        return corrections.to_prove(conn, now, passed_over)


def judge_proof(
    store: Store,
    delivery: Delivery,
    found: dict[str, StudyFacts | None],
    now: datetime,
    patience: float,
    config: Config,
) -> None:
    """A fresh answer of the PACS: filed, not yet, or not applied."""
    wrong = _not_shown(delivery, found)
    if delivery.state is S.UNCERTAIN and delivery.planned.edit and not wrong:
        outbox.again(store, delivery, "looked: perhaps half done; looking at each image", now)
    elif not wrong and delivery.state is S.UNCERTAIN and _is_own_doing(store, delivery):
        _resolve_uncertain(store, delivery, [OWN_DOING], now, config)
    elif not wrong:
        outbox.end(store, delivery, S.FILED, now, "")
    elif delivery.state is S.UNCERTAIN:
        _resolve_uncertain(store, delivery, wrong, now, config)
    elif delivery.written_since(now) > patience:
        outbox.end(store, delivery, S.NOT_APPLIED, now, "; ".join(wrong))
    else:
        outbox.hold(store, delivery, f"not shown yet: {'; '.join(wrong)}", now, 1)


OWN_DOING = "the images show it because they were edited; of the message that says nothing"


def _is_own_doing(store: Store, delivery: Delivery) -> bool:
    """Whether the correction itself edits, at the PACS that is asked, a study that is to prove its message."""
    with store.reading() as conn:
        edits = [one.planned.edit for one in corrections.deliveries_of(conn, delivery.correction_id)]
    return any(
        edit.pacs == delivery.proof and edit.study_instance_uid in delivery.planned.expect for edit in edits if edit
    )


def _not_shown(delivery: Delivery, found: Mapping[str, StudyFacts | None]) -> list[str]:
    return [text for uid, expected in delivery.planned.expect.items() for text in shows(found.get(uid), expected).wrong]


def images_to_look_at(delivery: Delivery, found: Mapping[str, StudyFacts | None]) -> bool:
    """Whether the study shows an edit that was written: its images are looked at before that is believed."""
    return delivery.planned.edit is not None and delivery.state is S.WRITTEN and not _not_shown(delivery, found)


def judge_images(
    store: Store, delivery: Delivery, said: Mapping[str, StudyFacts] | None, now: datetime, patience: float
) -> None:
    """What each image says (None: the edit has looked already): filed if all that were to change did."""
    edit = delivery.planned.edit
    expected = delivery.planned.expect.get(edit.study_instance_uid, {}) if edit else {}
    wanted = [one.sop_instance_uid for one in outbox.originals_for(store, delivery)] if said is not None else []
    wrong = [uid for uid in wanted if not shows((said or {}).get(uid), expected).ok]
    if wrong:
        words = f"{len(wrong)} of {len(wanted)} images do not show the correction"
        unproved(store, delivery, words, now, patience, SLOW_LOOK_SECONDS)
    else:
        outbox.end(store, delivery, S.FILED, now, "")


SLOW_LOOK_SECONDS = 20  # between two looks at every image of a study


def _resolve_uncertain(store: Store, delivery: Delivery, wrong: Sequence[str], now: datetime, config: Config) -> None:
    """Looked, and it is not there: a dataset edit may be repeated; a message only where that is safe."""
    destination = config.destination_named(delivery.destination)
    safe = delivery.planned.edit is not None or (destination is not None and destination.resend == "safe")
    if safe:
        outbox.again(store, delivery, "looked: not applied; sending again", now)
    else:
        outbox.hold(store, delivery, f"looked: {'; '.join(wrong)}; retry or park it", now, 60)


def half_done(store: Store, delivery: Delivery, words: str, now: datetime, patience: float) -> None:
    """The PACS lists the study under the old and the new patient: an uncertain edit is completed by another try."""
    if delivery.state is S.UNCERTAIN and delivery.planned.edit:
        outbox.again(store, delivery, "looked: half done; completing it", now)
    else:
        unproved(store, delivery, words, now, patience)


def unproved(store: Store, delivery: Delivery, words: str, now: datetime, patience: float, seconds: float = 5) -> None:
    """What it says is not what was asked for: looked at again for a while, then not applied."""
    if delivery.state is not S.UNCERTAIN and delivery.written_since(now) > patience:
        outbox.end(store, delivery, S.NOT_APPLIED, now, words)
    else:
        outbox.hold(store, delivery, words, now, seconds)


def resolve_blind(store: Store, delivery: Delivery, now: datetime, config: Config) -> None:
    """An uncertain message that nothing can prove: sent again only where the destination says that this is safe."""
    _resolve_uncertain(store, delivery, ["nothing can be asked"], now, config)
