"""What a person decides is remembered in the commit that decides it, found again for late images, and revoked.

A decision, its end and its revocation touch every study under the numbers that it was made for: those that came before
it are looked at again as those that come later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from radrecon.model.case import CaseKind
from radrecon.model.correction import AttributeChange, Plan, Verb
from radrecon.model.decision import Decision, Scope
from radrecon.model.errors import Refused
from radrecon.model.patient import Demographics
from radrecon.model.person import Person
from radrecon.model.rule import ALL_ON, RuleName, RuleStates
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.decisions import before, keys_of, scopes_for
from radrecon.recon.learned import UNTAUGHT, Learned
from radrecon.recon.normalise import id_key
from radrecon.store import decisions, life, orders, persons, queue, rules, settings, studies
from radrecon.store.cases import StoredCase
from radrecon.store.codec import key_number
from radrecon.store.database import Connection, Store
from radrecon.workflow import learning

DECISION = "decision"  # touched: a decision whose studies are to be looked at again
STUDY_CASES = (
    CaseKind.UNASSIGNED_STUDY,
    CaseKind.DEMOGRAPHIC_MISMATCH,
    CaseKind.LATE_IMAGES,
    CaseKind.WRONG_ORDER,
    CaseKind.POSSIBLE_WRONG_PICK,
)


@dataclass(frozen=True)
class Memory:
    """What looks at studies need of people's decisions and rules; read once for many of them.

    `any`: there is a decision that has not expired; `learned`: what people's decisions have taught about scores.
    """

    now: datetime | None = None
    states: RuleStates | None = None
    any: bool = False
    learned: Learned = UNTAUGHT


EVERYTHING_ON = Memory(None, ALL_ON)


def load_memory(conn: Connection, now: datetime) -> Memory:
    return Memory(now, rules.states(conn), decisions.any_at(conn, now), learning.load(conn))


def decisions_for(conn: Connection, facts: StudyFacts, memory: Memory) -> tuple[Decision, ...]:
    """Standing decisions that a study's own UID or its numbers lead to."""
    if not memory.any or memory.now is None:
        return ()
    keys = (key for keys in keys_of(facts).values() for key in keys)
    return tuple(decisions.of_keys(conn, keys, memory.now))


def people_of(conn: Connection, found: Iterable[Decision]) -> dict[int, Person]:
    """Whom decisions were about, with those that they were merged into since."""
    people: dict[int, Person] = {}
    wanted = {one.person_id for one in found} - {0}
    while wanted:
        people |= persons.load_many(conn, wanted)
        wanted = {one.merged_into for one in people.values() if one.merged_into} - people.keys()
    return people


# -- remembering ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """Who decided what, when, and by which case or correction."""

    verb: str
    who: str
    reason: str
    at: datetime
    case_id: int
    correction_id: int = 0
    again: Decision | None = None


def remember_plan(
    conn: Connection,
    plan: Plan,
    correction_id: int,
    *,
    who: str,
    reason: str,
    now: datetime,
    again: Decision | None = None,
) -> None:
    """An approved plan decides on each study that it edits or links; an undo ends what was remembered.

    `again`: a rule does what a person decided once more; that stays the person's, and lasts no longer.
    """
    if plan.verb is Verb.UNDO:
        _end(conn, plan.undo_of, now)
        return
    act = Act(str(plan.verb), again.who if again else who, reason, now, plan.case_id, correction_id, again)
    order_ids = {one.values["study_id"]: one.values["order_id"] for one in plan.index_changes if one.action == "link"}
    for study, changes in _decided_studies(conn, plan, order_ids):
        _remember(conn, act, study, order_ids.get(study.id, 0), plan.target, changes)


def _decided_studies(
    conn: Connection, plan: Plan, order_ids: Mapping[int, int]
) -> Iterator[tuple[Study, tuple[AttributeChange, ...]]]:
    edited = set()
    for delivery in plan.deliveries:
        edit = delivery.edit
        study = studies.by_uid(conn, edit.pacs, edit.study_instance_uid) if edit else None
        if study:
            edited.add(study.id)
            yield study, delivery.changes
    for study in studies.load_many(conn, order_ids.keys() - edited):
        yield study, ()


def remember_dismissal(conn: Connection, case: StoredCase, *, who: str, reason: str, now: datetime) -> None:
    study = studies.load_one(conn, case.finding.study_id) if case.kind in STUDY_CASES else None
    if study:
        act = Act(str(Verb.DISMISS), who, reason, now, case.id)
        _remember(conn, act, study, 0, study.facts.patient, ())


def _remember(
    conn: Connection,
    act: Act,
    study: Study,
    order_id: int,
    target: Demographics,
    changes: tuple[AttributeChange, ...],
) -> None:
    days = settings.load_config(conn).site.decision_days
    until = act.again.expires_at if act.again else act.at + timedelta(days=days)
    person = _person(conn, order_id, target) if act.verb != Verb.DISMISS else None
    numbers = [one.value for one in person.identifiers] if person else []
    for scope, key in scopes_for(act.verb, study.facts, target, numbers).items():
        one = Decision(
            verb=act.verb,
            scope=scope,
            key=key,
            before=before(study.facts),
            target=target,
            changes=changes,
            study_id=study.id,
            order_id=order_id,
            person_id=person.id if person else 0,
            case_id=act.case_id,
            correction_id=act.correction_id,
            who=act.who,
            reason=act.reason,
            at=act.at,
            expires_at=until,
            by_rule=RuleName.CORRECT_LATE_IMAGES if act.again else "",
        )
        queue.touch(conn, DECISION, [decisions.save(conn, one)], one.expires_at)
    _touch_alike(conn, study.facts, act.at)


def _person(conn: Connection, order_id: int, target: Demographics) -> Person | None:
    order = orders.load_one(conn, order_id)
    known = persons.find(conn, target.patient_id) if target.patient_id else None
    return persons.load_one(conn, order.person_id if order else known.person_id if known else 0)


def _touch_alike(conn: Connection, facts: StudyFacts, at: datetime) -> None:
    queue.touch(conn, "key", sorted(_number_keys(facts.patient)), at)


def _number_keys(patient: Demographics) -> frozenset[int]:
    number = id_key(patient.patient_id.value)
    return frozenset((key_number("patient_id", number),)) if number else frozenset()


# -- ending -----------------------------------------------------------------------------------------------------------


def _end(conn: Connection, correction_id: int, now: datetime) -> None:
    """A correction is taken back: what it decided stands no longer."""
    queue.touch(conn, DECISION, [one.id for one in decisions.of_correction(conn, correction_id)], now)


def taken_back(conn: Connection, correction_id: int, now: datetime) -> None:
    """A correction went stale: as if nobody had decided."""
    _end(conn, correction_id, now)


def revoke(store: Store, decision_id: int, *, reason: str, who: str, now: datetime) -> Decision:
    """Late images follow it no longer; what was corrected stays corrected (that is what an undo is for)."""
    if not reason.strip():
        raise Refused("revoking a decision needs a reason")
    with store.transaction() as conn:
        one = decisions.load_one(conn, decision_id)
        if one.revoked_at is not None:
            raise Refused(f"decision {decision_id} is revoked already")
        decisions.revoke(conn, decision_id, at=now, who=who, reason=reason.strip())
        life.audit(conn, at=now, who=who, what="revoke", subject=f"decision:{decision_id}", reason=reason.strip())
        queue.touch(conn, DECISION, [decision_id], now)
    return one


def concerned(conn: Connection, decision_ids: Iterable[int]) -> tuple[set[int], set[int]]:
    """Studies that decisions were about or that followed them, and the keys of what is like them."""
    found = decisions.load_many(conn, decision_ids)
    ids = {one.study_id for one in found} | set(decisions.users(conn, [one.id for one in found]))
    keys = {key for one in found if one.scope is not Scope.STUDY for key in _number_keys(one.before.patient)}
    return ids, keys
