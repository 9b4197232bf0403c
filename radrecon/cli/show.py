"""radrecon show: one case, message, order, study, patient or correction, with evidence and history."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.cli.printing import jsonable, print_facts, print_json, print_line, print_table
from radrecon.model.rows import CaseRow, TimelineRow
from radrecon.store import duplicates, listings, person_links
from radrecon.store.codec import dump, iso
from radrecon.store.database import Connection, Store
from radrecon.store.list_patients import numbers_of
from radrecon.store.listings import Subjects

TIMELINE = {"at": "AT", "what": "WHAT", "text": "EVENT", "message_id": "MESSAGE"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("noun", choices=list(NOUNS))
    parser.add_argument("id", type=lists.number)
    parser.add_argument("--json", action="store_true", help="one object")


def run(options: argparse.Namespace) -> int:
    with opened(options) as store:
        found = NOUNS[options.noun](store, options.id)
    if options.json:
        print_json(found)
    else:
        _print(found)
    return 0


def _case(store: Store, case_id: int) -> dict[str, Any]:
    """The case's row itself, and beside it what its page shows."""
    from radrecon.workflow.casework import case_detail

    detail = jsonable(case_detail(store, case_id))
    row = detail["case"]
    return {**detail, **{name: row[name] for name in row if name not in detail}, "id": row["id"]}


def _message(store: Store, message_id: int) -> dict[str, Any]:
    """The row itself, and beside it its text, its answer, what it did and what it belongs to."""
    from radrecon.workflow.message_detail import message_detail

    detail = jsonable(message_detail(store, message_id))
    return {**detail.pop("message"), **detail}


def _order(store: Store, order_id: int) -> dict[str, Any]:
    with store.reading() as conn:
        row = listings.order(conn, order_id)
        subjects = Subjects(orders=(order_id,), studies=_some(row.linked_study_id), persons=_some(row.person_id))
        cases = listings.cases_about(conn, order_ids=[order_id], study_ids=[row.linked_study_id])
        return {
            **jsonable(row),
            "performed": jsonable(listings.performed_of_order(conn, order_id)),
            "cases": jsonable(cases),
            "timeline": _timeline(conn, subjects, cases),
        }


def _study(store: Store, study_id: int) -> dict[str, Any]:
    with store.reading() as conn:
        row = listings.study(conn, study_id)
        cases = listings.cases_about(conn, study_ids=[study_id])
        subjects = Subjects(studies=(study_id,), orders=_some(row.order_id))
        return {
            **jsonable(row),
            "series_facts": jsonable(listings.series_of(conn, study_id)),
            "performed": jsonable(listings.performed_of_study(conn, row.study_instance_uid)),
            "changes": jsonable(listings.changes_of(conn, study_id)),
            "cases": jsonable(cases),
            "timeline": _timeline(conn, subjects, cases),
        }


def _patient(store: Store, person_id: int) -> dict[str, Any]:
    with store.reading() as conn:
        row = listings.patient(conn, person_id)
        orders = listings.orders_of_person(conn, person_id)
        studies = listings.studies_of_person(conn, person_id)
        cases = listings.cases_about(conn, person_ids=[person_id], study_ids=[one.id for one in studies])
        subjects = Subjects(tuple(one.id for one in studies), tuple(one.id for one in orders), (person_id,))
        look = duplicates.look_at(conn, person_id)
        return {
            **jsonable(row),
            "linked_with": sorted(numbers_of(conn, person_links.linked(conn, [person_id])).values()),
            "compared": {**jsonable(look), "at": iso(look.at)} if look else None,
            "order_rows": jsonable(orders),
            "study_rows": jsonable(studies),
            "cases": jsonable(cases),
            "timeline": _timeline(conn, subjects, cases),
        }


def _correction(store: Store, correction_id: int) -> dict[str, Any]:
    with store.reading() as conn:
        row = listings.correction(conn, correction_id)
        deliveries = listings.deliveries(conn, correction_id=correction_id)
        plan = dump(listings.delivery_plan(conn, correction_id))
    return {**jsonable(row), "deliveries": jsonable(deliveries), "plan": plan}


def _timeline(conn: Connection, subjects: Subjects, cases: Iterable[CaseRow]) -> Any:
    whole = Subjects(subjects.studies, subjects.orders, subjects.persons, tuple(case.id for case in cases))
    return jsonable(listings.timeline(conn, whole))


def _some(row_id: int) -> tuple[int, ...]:
    return (row_id,) if row_id else ()


NOUNS: dict[str, Callable[[Store, int], dict[str, Any]]] = {
    "case": _case,
    "message": _message,
    "order": _order,
    "study": _study,
    "patient": _patient,
    "correction": _correction,
}


def _print(found: dict[str, Any]) -> None:
    facts = found.get("case", found)
    simple = [(name, value) for name, value in facts.items() if _is_simple(name, value)]
    print_facts(simple)
    _print_message(found)
    _print_evidence(found)
    if found.get("timeline"):
        print()
        print_table([TimelineRow(**row) for row in found["timeline"]], TIMELINE, "")


def _is_simple(name: str, value: Any) -> bool:
    if name in ("flags", "other_patient_ids", "linked_with"):
        return bool(value)
    return name not in ("raw", "text", "ack") and not isinstance(value, (dict, list))


def _print_message(found: dict[str, Any]) -> None:
    """A line per segment, in the message's own character set; then what it did, and the answer."""
    for line in segments(found.get("text", "")):
        print_line(f"  {line}")
    for one in (*found.get("effects", ()), *found.get("related", ())):
        print_line(f"{one['kind']} {one['id'] or ''}".rstrip() + f": {one['text']}")
    for line in segments(found.get("ack") or ""):
        print_line(f"  answer {line}")


def segments(text: str) -> list[str]:
    return [line for line in text.replace("\n", "\r").split("\r") if line]


def _odds(odds: dict[str, Any]) -> str:
    person, nobody = 100 * odds["person_probability"], 100 * odds["null_probability"]
    return f"patient {person:.2f} %, {odds['margin']:.0f} bits ahead; no order that was heard: {nobody:.2f} %"


def _likely(candidate: dict[str, Any]) -> str:
    """How likely an order is, and how that comes about; where two facts exclude each other, those."""
    if candidate.get("conflict"):
        return f"conflict: {candidate['conflict']}"
    patient, order = (100 * candidate.get(name, 0.0) for name in ("patient_probability", "order_probability"))
    return f"{100 * candidate['probability']:.0f} % (patient {patient:.2f} %, this order of theirs {order:.1f} %)"


def _print_evidence(found: dict[str, Any]) -> None:
    """Differences, candidates with their reasons, and which verbs apply."""
    for one in found.get("differences", ()):
        print_line(f"  {one['field']}: {one['truth'] or '(none)'} / {one['found'] or '(none)'}  {one['note']}".rstrip())
    if odds := found.get("odds"):
        print_line(f"  {_odds(odds)}")
    for one in found.get("candidates", ()):
        print_line(f"  order {one['order_id']} {one['accession_number']}: {_likely(one)}")
        for reason in one["reasons"]:
            print_line(f"    {reason['bits']:+.1f} {reason['text']}")
        for veto in one["vetoes"]:
            print_line(f"    not by itself: {veto}")
    for one in found.get("performed", ()):
        flags = f" ({', '.join(one['flags'])})" if one["flags"] else ""
        size = f"{one['series']} series, {one['instances']} instances"
        print_line(f"  performed at {one['performed_station_ae_title']}: {one['status']}, {size}{flags}")
    if said := found.get("evidence", {}).get("message_id"):
        print_line(
            f"  message {said}, control id {found['evidence']['control_id']}, heard {found['evidence']['heard']}"
        )
    for one in found.get("affected", ()):
        words = (one["accession_number"], one["modality"], one["station_name"], one["at"], one["description"])
        print_line(f"  {one['kind']} {one['id']}: {'  '.join(filter(None, words))}  {one['patient_name']}")
    if found.get("pair"):
        _print_pair(found["pair"])
    for verb, why_not in found.get("verbs", {}).items():
        print_line(f"  {verb}: {why_not or 'applies'}")


def _print_pair(pair: dict[str, Any]) -> None:
    """Two records that may be one person: the evidence adds up to the last line."""
    print_line(f"  {pair['likeness']} duplicate: patient {pair['non_survivor_id']} into {pair['survivor_id']}")
    print_line(f"    proposed to stay: {pair['proposal']}")
    for reason in pair["reasons"]:
        print_line(f"    {reason['bits']:+.1f} {reason['text']}")
    print_line(f"    {pair['bits']:+.1f} in all: one person with a probability of {100 * pair['probability']:.2f} %")
    for text in (*pair["conflicts"], *pair["remarks"]):
        print_line(f"    {text}")
