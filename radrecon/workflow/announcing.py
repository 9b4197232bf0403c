"""What only registration can settle becomes a notice, and the reconciler makes a case of it (HL7 A23, A29).

Nothing is ever deleted on a message's word; and whoever still uses a number that was merged away or changed has not
heard of that: what they send is kept with the survivor, and said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from radrecon.hl7v2 import values
from radrecon.hl7v2.adt import REGISTER, AdtEvent
from radrecon.hl7v2.reader import Message
from radrecon.model.case import CaseKind, Finding
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.recon.notices import Announced, Used, classify_deletions, classify_retired
from radrecon.store import identifiers, notices, orders, persons, queue, studies
from radrecon.store.database import Connection
from radrecon.store.notices import Notice
from radrecon.store.persons import Known
from radrecon.workflow import visiting
from radrecon.workflow.clocks import said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.people import holder, is_outdated

REGISTERING = frozenset(f"ADT^{event}" for event in REGISTER)


def deletion(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """A visit or a person is said to be deleted: a notice, unless a later message has registered them again."""
    person = _who(conn, event.patient, effect)
    if person is None:
        return
    if event.event == "A23":
        visiting.note(conn, event, person.id, context, effect)
    if is_outdated(conn, event, person, REGISTERING, context):
        effect.remarks.append("a later message has registered this patient again: nothing to do")
        return
    _announce(conn, event, person.id, context, effect)


def _who(conn: Connection, said: Demographics, effect: Effect) -> Person | None:
    """Whom PID-3 names: by the first number, or where that is nobody's by further ones, if they are one patient's."""
    first = persons.find(conn, said.patient_id)
    found = {first.person_id} if first else _holders(conn, said.other_ids)
    effect.persons += sorted(found)
    why_not = _why_nobody(first, found)
    if why_not:
        effect.remarks.append(why_not)
        return None
    return persons.load_one(conn, *found)


def _holders(conn: Connection, numbers: Iterable[PatientId]) -> set[int]:
    return {one.person_id for number in numbers if (one := holder(conn, number))}


def _why_nobody(first: Known | None, found: Collection[int]) -> str:
    if first and first.retired:
        return "this patient number was merged away or changed: there is nothing to delete"
    if not found:
        return "nobody here has this patient number: there is nothing to delete"
    several = "the numbers are several patients': which of them is meant is not said, and nothing is done"
    return several if len(found) > 1 else ""


def _announce(conn: Connection, event: AdtEvent, person_id: int, context: Context, effect: Effect) -> None:
    detail = {
        "event": event.event,
        "sender": event.sender,
        "control_id": event.control_id,
        "visit": event.visit.number if event.event == "A23" else "",
        "sent": said_at(event.sent, context).isoformat(),
    }
    notice = Notice(notices.DELETION, context.at, person_id, message_id=context.message_id, detail=detail)
    effect.notices.append(notices.add(conn, notice))
    effect.remarks.append("deletion announced: nothing is deleted here, registration is asked")
    queue.touch(conn, "person", [person_id], context.at)


def settle_deletion(conn: Connection, event: AdtEvent, person_id: int, context: Context) -> None:
    """Registered again after a deletion was announced: that is settled, of the person or of the same visit."""
    if not notices.waiting(conn, person_id, notices.DELETION):
        return
    mine = said_at(event.sent, context).isoformat()
    numbers = {"", *(one.number for one in event.encounters)}
    said = notices.unsettled(conn, person_id=person_id, kind=notices.DELETION)
    settled = [one.id for one in said if one.detail["visit"] in numbers and one.detail["sent"] <= mine]
    notices.settle(conn, settled, context.at)
    queue.touch(conn, "person", [person_id] if settled else [], context.at)


def note_retired(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Numbers of this message that lead to somebody else's record: late news is none, the rest is a notice."""
    sent = said_at(values.when(message.timestamp), context)
    for number in dict.fromkeys(effect.retired):
        held = identifiers.held(conn, number)
        if held is None or not held.retired:
            continue  # this very message has put it back to use
        if held.retired_at and sent <= held.retired_at:
            effect.remarks.append(f"written before {number} was merged away or changed: kept with the survivor")
            continue
        effect.remarks.append(f"{number} was merged away or changed: it leads to another record, which is left alone")
        effect.notices.append(notices.add(conn, _use(message, number, held.person_id, context)))
        queue.touch(conn, "person", [held.person_id], context.at)


def _use(message: Message, number: PatientId, person_id: int, context: Context) -> Notice:
    detail = {
        "number": number.value,
        "issuer": number.issuer,
        "sender": message.sending_application,
        "message_type": message.message_type,
    }
    return Notice(notices.RETIRED, context.at, person_id, message_id=context.message_id, detail=detail)


# -- the reconciler's side --------------------------------------------------------------------------------------------

KINDS = {CaseKind.DELETION_ANNOUNCED: notices.DELETION, CaseKind.RETIRED_IDENTIFIER: notices.RETIRED}
"""Cases that are made of notices: whoever puts such a case aside settles them."""


@dataclass(frozen=True)
class Told:
    """What a person's notices come to now; `settled` are those whose reason is gone."""

    findings: tuple[Finding, ...] = ()
    settled: tuple[int, ...] = ()


def judge(conn: Connection, person: Person) -> Told:
    """What was announced of a person, and which retired numbers are still in use."""
    said = notices.unsettled(conn, person_id=person.id)
    deletions = [one for one in said if one.kind == notices.DELETION]
    used = [one for one in said if one.kind == notices.RETIRED]
    gone = [one for one in used if not _stands(conn, one)]
    gone += deletions if person.merged_into else []
    findings = _deletions(conn, person, deletions)
    findings += classify_retired(person, [_used(one) for one in used if one not in gone])
    return Told(findings, tuple(one.id for one in gone))


def _stands(conn: Connection, notice: Notice) -> bool:
    """Whether the number still leads to this person's record, and is still out of use."""
    held = identifiers.held(conn, _number(notice))
    return held is not None and held.retired and held.person_id == notice.person_id


def _number(notice: Notice) -> PatientId:
    return PatientId(notice.detail["number"], notice.detail["issuer"])


def _used(notice: Notice) -> Used:
    return Used(_number(notice), notice.detail["sender"], notice.detail["message_type"])


def _deletions(conn: Connection, person: Person, said: list[Notice]) -> tuple[Finding, ...]:
    if not said:
        return ()
    announced = [Announced(*(one.detail[name] for name in ("event", "sender", "control_id", "visit"))) for one in said]
    count = len(orders.of_person(conn, person.id))
    return classify_deletions(person, announced, orders=count, studies=len(studies.of_person(conn, person.id)))
