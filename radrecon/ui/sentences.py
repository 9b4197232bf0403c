"""What the desk says in words: the four sentences above triage, why a patient is (not) on a worklist, chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.model.rows import (
    CaseRow,
    EngineState,
    OrderRow,
    PacsStateRow,
    Recheck,
    StudyRow,
    Summary,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.ui.compare import plain
from radrecon.ui.plain import in_sentence, pn_text
from radrecon.ui.times import about, ago, date_text, local, parse, seconds_since, span, wall

KIND_WORDS = {
    "unassigned_study": "unassigned study",
    "demographic_mismatch": "demographic mismatch",
    "accession_collision": "accession collision",
    "suspected_overlay": "suspected overlay",
    "under_investigation": "under investigation",
    "never_accessioned": "never accessioned",
    "deletion_announced": "deletion announced",
    "retired_identifier": "retired number in use",
    "not_on_ris_worklist": "not on RIS worklist",
    "never_ordered": "never ordered",
    "worklist_mismatch": "worklist differs",
    "late_images": "late images",
    "wrong_order": "wrong order",
    "possible_wrong_pick": "perhaps wrong patient",
    "split_accession": "several orders",
    "accession_missing": "accession missing",
    "missing_update": "missing update",
    "temporary_identity": "temporary identity",
    "order_without_registration": "not registered",
    "images_without_report": "no report",
    "report_without_images": "report, no images",
    "overdue_order": "overdue order",
    "duplicate_patients": "possible duplicate",
    "refused_message": "refused message",
    "delivery": "delivery in trouble",
}
OWNER_WORDS = {"us": "us", "registration": "registration", "ris": "RIS", "technologist": "technologist"}
CLASS_WORDS = {"E": "ED", "I": "IP", "O": "OP", "P": "pre", "R": "recur", "B": "OB"}
SILENCE_SECONDS = 3600.0
DECIDES = ": a person decides"
SEVERAL = 3  # patients named, where more than one fits


@dataclass(frozen=True)
class Sentence:
    """`tone` is good, warn, bad or muted; `goes_to` the pane or page where a person can act on it."""

    text: str
    tone: str
    goes_to: str = ""


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def triage_sentences(
    summary: Summary, unassigned: Sequence[CaseRow], pacs: Sequence[PacsStateRow], now: datetime
) -> tuple[Sentence, ...]:
    """Four sentences: studies nobody can read, identities that differ, feeds, corrections."""
    return (
        _unassigned(summary, unassigned, now),
        _mismatches(summary),
        _feeds(summary, pacs, now),
        _deliveries(summary),
    )


def all_is_well(sentences: Iterable[Sentence]) -> bool:
    return all(sentence.tone == "good" for sentence in sentences)


def _unassigned(summary: Summary, cases: Sequence[CaseRow], now: datetime) -> Sentence:
    number = summary.cases.get("unassigned_study", 0) + summary.cases.get("wrong_order", 0)
    if not number and summary.studies <= summary.studies_not_judged:
        return Sentence("No study is judged yet" if summary.studies else "No study seen yet", "muted")
    if not number:
        return Sentence("Every judged study is on an order", "good")
    oldest = min((case for case in cases if case.kind == "unassigned_study"), key=lambda c: c.opened_at, default=None)
    words = [count(number, "study nobody can read", "studies nobody can read")]
    since = oldest.opened_at if oldest else summary.oldest_unassigned
    seconds = seconds_since(since, now)
    if seconds is not None:
        words.append(f"the oldest {span(max(seconds, 0))}")
    if oldest and oldest.station_name:
        words.append(oldest.station_name)
    return Sentence(", ".join(words), "bad", "unassigned")


def _mismatches(summary: Summary) -> Sentence:
    number = summary.cases.get("demographic_mismatch", 0)
    if not number:
        judged = summary.studies > summary.studies_not_judged
        return Sentence("No identity differs", "good") if judged else Sentence("No identity compared yet", "muted")
    return Sentence(count(number, "identity differs", "identities differ"), "warn", "mismatches")


def _feeds(summary: Summary, pacs: Sequence[PacsStateRow], now: datetime) -> Sentence:
    down = [state for state in pacs if not state.up and (state.last_error or state.last_success)]
    if down:
        return Sentence(f"{down[0].name} does not answer: {down[0].last_error or 'no reason given'}", "bad", "")
    seconds = seconds_since(summary.last_order_at, now)
    if seconds is None:
        return Sentence("No order heard yet", "muted", "")
    if seconds > SILENCE_SECONDS:
        return Sentence(f"No order heard for {span(seconds)}", "warn", "")
    return Sentence(f"Feeds are alive, last order {span(max(seconds, 0))} ago", "good")


def _deliveries(summary: Summary) -> Sentence:
    if summary.deliveries_in_trouble:
        return Sentence(f"{count(summary.deliveries_in_trouble, 'correction step')} in trouble", "bad", "outbox")
    if summary.deliveries_unfinished:
        return Sentence(f"{count(summary.deliveries_unfinished, 'correction step')} on the way", "warn", "outbox")
    return Sentence("No correction waits", "good")


def observing(summary: Summary, pacs: Sequence[PacsStateRow]) -> str:
    """The line of a new installation; "" once sending is switched on somewhere."""
    if pacs and any(state.send for state in pacs):
        return ""
    words = [f"Observe only: nothing is sent. Watching from {summary.watch_from or 'today'}."]
    if before := summary.studies_not_judged - summary.studies_outside:
        words.append(f"{count(before, 'study', 'studies')} from before are not judged.")
    return " ".join(words)


# chips: why an order and a study may belong together


def chips(case: CaseRow, order: OrderRow) -> tuple[str, ...]:
    """A chip per field in which a case's study and an order agree."""
    found = []
    for word, ours, theirs in (
        ("acc", case.accession_number, order.accession_number),
        ("MRN", case.patient_id, order.patient_id),
        ("name", case.patient_name, order.patient_name),
    ):
        if ours and ours == theirs:
            found.append(f"{word} =")
        elif ours and plain(ours) == plain(theirs):
            found.append(f"{word} ≈")
    if case.modality and case.modality == order.modality:
        found.append(case.modality)
    if case.station_name and case.station_name == order.scheduled_station_ae_title:
        found.append(case.station_name)
    return (*found, *_minutes(case.performed_at, order.scheduled_start))


def _minutes(done: str, planned: str) -> tuple[str, ...]:
    first, second = parse(planned), parse(done)
    if first is None or second is None or abs((second - first).total_seconds()) > 4 * 3600:
        return ()
    seconds = (second - first).total_seconds()
    return (f"{'+' if seconds >= 0 else '−'}{about(abs(seconds))}",)


def held_by_rule(veto: str) -> bool:
    """Whether only a rule that is not on keeps an order from being linked by itself: nothing speaks against it."""
    return veto.startswith("rule ") and veto.endswith((" is in shadow", " is off"))


def rule_words(veto: str) -> str:
    """`rule link_by_patient_id is in shadow` for reading: why a person is asked."""
    return f"a person decides: the {veto.replace('_', ' ')}" if held_by_rule(veto) else veto


def without_rule(cause: str) -> str:
    """A case's cause without the rule that left it to a person: that is no reason of a correction."""
    return "; ".join(part for part in cause.removesuffix(DECIDES).split("; ") if not held_by_rule(part)) or cause


def candidate_chip(case: CaseRow, order: OrderRow) -> tuple[str, ...]:
    """Probability first, a warning where something speaks against it, then the fields."""
    found = next((one for one in case.candidates if one.get("order_id") == order.id), {})
    share = found.get("probability")
    if found.get("conflict"):
        return ("▲ conflict", *chips(case, order))  # two facts exclude each other: no number says how likely
    against = ("▲ conflict",) if any(not held_by_rule(veto) for veto in found.get("vetoes") or ()) else ()
    return ((percent(float(share)),) if share is not None else ()) + against + chips(case, order)


def percent(probability: float) -> str:
    """Whole percents, but never a certainty that is none."""
    return "99.9 %" if probability >= 0.995 else f"{100 * probability:.0f} %"


# the worklist


def station_sentence(station: str, queries: Sequence[WorklistQueryRow], last_order_at: str, now: datetime) -> str:
    """When a station last asked and what it got, and when the RIS last spoke."""
    last = next((query for query in queries if query.peer_ae_title == station), None)
    heard = f"last order from the RIS {local(last_order_at, now)}" if last_order_at else "no order heard yet"
    if last is None:
        return f"{station} has not asked lately; {heard}." if station else f"{heard[:1].upper()}{heard[1:]}."
    return f"{station} last asked {local(last.at, now)} ({ago(last.at, now)}) and got {last.matches}; {heard}."


def query_warning(keys: dict[str, str]) -> str:
    """A worklist query without date or without modality brings lines that do not belong there."""
    have = {key.casefold() for key, value in keys.items() if value.strip("* ")}
    dated = any("date" in key and "birth" not in key for key in have)
    if {"accession_number", "accessionnumber", "patient_id", "patientid"} & have:
        return ""
    if not dated:
        return "any date"
    return "" if any("modality" in key or "station" in key for key in have) else "any modality"


def patient_sentence(
    orders: Sequence[OrderRow],
    steps: Sequence[WorklistRow],
    studies: Sequence[StudyRow],
    station: str,
    now: datetime,
    here: Sequence[WorklistRow] = (),
) -> Sentence:
    """Why is my patient not on the list? One sentence and, where there is one, what to do.

    `here` is what of `steps` the station itself is shown. Whoever it speaks of is named: several people may fit.
    Images count where nothing was ordered; beside an order they may name somebody else by mistake.
    """
    found: Sequence[OrderRow | StudyRow | WorklistRow] = (*here, *steps, *orders) or studies
    people = list({row.patient_id or _who(row): _who(row) for row in reversed(found)}.values())[::-1]
    if len(people) > 1:
        some = "; ".join(people[:SEVERAL]) + (" …" if len(people) > SEVERAL else "")
        return Sentence(f"{len(people)} patients fit: {some}. {_tell_apart(found)}", "warn")
    told = _why_not_listed(orders, steps, studies, station, now, here)
    return replace(told, text=f"{people[0]}: {told.text}") if people else told


def _tell_apart(found: Sequence[OrderRow | StudyRow | WorklistRow]) -> str:
    accessions = {row.accession_number for row in found}
    if len(accessions) == 1 and "" not in accessions:
        return "They share the accession number: type the MRN, and tell the RIS desk."
    return "Type the MRN or the accession."


def _who(row: OrderRow | StudyRow | WorklistRow) -> str:
    """`Smith, Grace 1959-09-06 F`; a number where there is no name."""
    who = pn_text(row.patient_name) or row.patient_id or "no name"
    return " ".join(filter(None, (in_sentence(who), date_text(row.patient_birth_date), row.patient_sex)))


def _why_not_listed(
    orders: Sequence[OrderRow],
    steps: Sequence[WorklistRow],
    studies: Sequence[StudyRow],
    station: str,
    now: datetime,
    here: Sequence[WorklistRow],
) -> Sentence:
    if here or (steps and not station):
        shown = here or steps
        return Sentence(_on_list(shown[0], len(shown), station, now), "good", "worklist")
    if steps:
        return _listed_elsewhere(steps[0], station, now)
    if orders:
        return _ordered(orders[0], now)
    if studies:
        study = studies[0]
        return Sentence(f"No order received, but images arrived {wall(study.performed_at, now)}: see triage.", "bad")
    return Sentence("No order received. Ask the ward to order it, or the RIS to send it again.", "bad")


def _listed_elsewhere(step: WorklistRow, station: str, now: datetime) -> Sentence:
    there = step.scheduled_station_ae_title
    if there:
        return Sentence(f"On the list of {there}, not {station}. Ask the RIS to move it, or scan there.", "warn")
    what = f"{_planned(step, now)}, for no particular station"
    return Sentence(f"{what}. {station} is not shown it: another modality, day or place.", "warn")


def _on_list(step: WorklistRow, number: int, station: str, now: datetime) -> str:
    more = f" (and {number - 1} more)" if number > 1 else ""
    where = station or step.scheduled_station_ae_title or "any station"
    return f"On the list of {where}: {_planned(step, now)}{more}."


def _planned(step: WorklistRow, now: datetime) -> str:
    """`A102001, CT at 01:50`; what the order left open is not said."""
    when = f"at {wall(step.scheduled_start, now)}" if step.scheduled_start else ""
    return " ".join(filter(None, (", ".join(filter(None, (step.accession_number, step.modality))), when)))


def _ordered(order: OrderRow, now: datetime) -> Sentence:
    if not order.accession_number:
        return Sentence("Ordered, never accessioned. Call the RIS desk.", "warn")
    status = order.status.upper()
    if status == "COMPLETED":
        ended = f" (ended in the RIS: {wall(order.ended, now)})" if order.ended else ""
        return Sentence(f"{order.accession_number} is completed already{ended}, so it has left the worklist.", "warn")
    if status in ("CANCELLED", "DISCONTINUED"):
        return Sentence(f"{order.accession_number} was {status.lower()}. Ask for a new order.", "bad")
    if status == "HELD":
        return Sentence(f"{order.accession_number} is on hold. Ask the RIS to release it.", "warn")
    start = wall(order.scheduled_start, now) or "a time not given"
    where = order.scheduled_station_ae_title or "no station"
    return Sentence(f"{order.accession_number} is scheduled for {start} on {where}, outside today's list.", "warn")


def engine_trouble(state: EngineState) -> str:
    """What a missing engine means, in words; "" where one lives."""
    nobody = "Nobody answers the RIS and the modalities, and nothing is sent"
    where = f" on {state.host}" if state.host else ""
    return {
        "lost": f"The engine{where} is lost: its heartbeat has stopped. {nobody}.",
        "none": f"No engine runs. {nobody}.",
        "stopping": f"The engine{where} is stopping. {nobody}.",
    }.get(state.state, "")


def engine_words(state: EngineState) -> tuple[str, str]:
    """Tone and words for the engine's light."""
    words = {
        "running": ("good", "engine running") if state.worker_alive else ("warn", "engine runs, worker does not"),
        "starting": ("warn", "engine starting"),
        "stopping": ("warn", "engine stopping"),
        "lost": ("bad", "engine lost: no heartbeat"),
    }
    return words.get(state.state, ("bad", "no engine"))


def recheck_words(one: Recheck) -> str:
    """How far the look at everything is."""
    left = "" if one.seconds_left is None else f", about {max(1, round(one.seconds_left / 60))} min left"
    return f"looking again: {one.done:,} of {one.total:,}{left}"
