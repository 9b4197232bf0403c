"""Others look ahead, late, wrongly or never: the position follows in order, and all comes to the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from radrecon.store import recheck
from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import looking, looking_ahead, rechecking
from radrecon.workflow.looking_ahead import Ahead
from tests.builders import demographics, study
from tests.workflow.histories import fresh, interleaved
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid
from tests.workflow.random_histories import chains
from tests.workflow.test_rechecking import latest, ward


class Late:
    """Looks as soon as it is asked, and tells after so many askings for answers: nothing that came since is in it."""

    def __init__(self, store: Store, after: int = 0, room: int = 3) -> None:
        self.store, self.after, self.room = store, after, room
        self.asked: list[tuple[str, list[int]]] = []
        self.waiting: dict[int, tuple[int, Sequence[int] | None]] = {}

    def ask(self, number: int, stage: str, ids: Sequence[int], now: datetime) -> bool:
        if len(self.waiting) >= self.room:
            return False
        self.asked.append((stage, list(ids)))
        self.waiting[number] = (self.after, self.look(stage, ids, now))
        return True

    def look(self, stage: str, ids: Sequence[int], now: datetime) -> Sequence[int] | None:
        return looking.named(self.store, stage, ids, now)

    def answers(self, seconds: float) -> Mapping[int, Sequence[int] | None]:
        due = {number: said for number, (left, said) in self.waiting.items() if left <= 0}
        self.waiting = {one: (left - 1, said) for one, (left, said) in self.waiting.items() if one not in due}
        return due


class Dead(Late):
    def look(self, stage: str, ids: Sequence[int], now: datetime) -> Sequence[int] | None:
        return None


class Mute(Late):
    """Takes pages and never answers."""

    def answers(self, seconds: float) -> Mapping[int, Sequence[int] | None]:
        return {}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_ahead, "PAGE", 2)
    monkeypatch.setattr(looking_ahead, "MOST", 4)
    monkeypatch.setattr(looking_ahead, "WAIT", 0.0)
    monkeypatch.setattr(looking_ahead, "OVERDUE", 0.0)


def families(hospital: Hospital, count: int = 9) -> None:
    hospital.hears_an_early_order()
    for number in range(1, count + 1):
        hospital.hears(order(f"A{number}00", pid(f"300000{number}", f"FAMILY{number}^ANNA", f"196{number}0101", "F")))
        who = demographics(f"300000{number}", f"FAMILY{number}^ANNA", birth_date=f"196{number}-01-01", sex="F")
        hospital.sees(study(f"1.2.{number}", f"A{number}00", who))


def to_the_end(hospital: Hospital, ahead: Ahead) -> None:
    places = [place(hospital)]
    while ahead.some(hospital.store, hospital.now, 0):
        hospital.later(1)
        places.append(place(hospital))
    stages = list(recheck.STAGES)
    assert places == sorted(places, key=lambda one: (stages.index(one[0]), one[1]))
    one = latest(hospital)
    assert one.ended_at
    assert not one.begun_anew
    assert one.done >= one.total  # more may have come meanwhile


def place(hospital: Hospital) -> tuple[str, int]:
    one = latest(hospital)
    return one.stage, one.position


def forget_all(hospital: Hospital) -> None:
    """As if by other rules nothing were as it should be."""
    with hospital.store.transaction() as conn:
        for table in (t.link, t.order_key, t.person_key, t.study_key):
            conn.execute(table.delete())


@on_both
@pytest.mark.parametrize("kind", [Late, Dead, Mute])
def test_all_is_as_it_should_be_whoever_looks(hospital: Hospital, kind: type[Late]) -> None:
    families(hospital)
    before = hospital.state()
    forget_all(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    to_the_end(hospital, Ahead(kind(hospital.store, 2)))
    hospital.reconcile()
    assert hospital.state() == before


def test_pages_are_given_out_beyond_the_position_and_each_once(hospital: Hospital) -> None:
    families(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    others = Late(hospital.store, 1)
    to_the_end(hospital, Ahead(others))
    given = [(stage, one) for stage, ids in others.asked for one in ids]
    assert len(given) == len(set(given))
    assert {stage for stage, _ in given} == {"orders", "persons", "studies"}


def test_the_worker_looks_itself_while_others_do(hospital: Hospital) -> None:
    families(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    others = Late(hospital.store, 1, room=1)
    to_the_end(hospital, Ahead(others))
    assert sum(len(ids) for _, ids in others.asked) < latest(hospital).total


def test_what_another_worker_left_is_taken_up_where_the_position_is(hospital: Hospital) -> None:
    families(hospital)
    before = hospital.state()
    forget_all(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    first = Ahead(Late(hospital.store, 3))
    for _ in range(9):
        assert first.some(hospital.store, hospital.now, 0)
    assert 0 < latest(hospital).done < latest(hospital).total
    to_the_end(hospital, Ahead(Late(hospital.store, 1)))  # the first was killed
    hospital.reconcile()
    assert hospital.state() == before


def test_answers_to_what_was_replaced_are_dropped(hospital: Hospital) -> None:
    families(hospital)
    before = hospital.state()
    others = Late(hospital.store, 4)
    ahead = Ahead(others)
    rechecking.start(hospital.store, "rules", hospital.now)
    for _ in range(2):
        ahead.some(hospital.store, hospital.now, 0)
    assert others.waiting  # and they say that the orders of those pages are well
    forget_all(hospital)
    rechecking.start(hospital.store, "other rules", hospital.now)
    to_the_end(hospital, ahead)
    hospital.reconcile()
    assert hospital.state() == before
    assert latest(hospital).reason == "other rules"


def test_where_the_database_goes_away_nothing_counts_as_done_that_is_not(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(hospital)
    before = hospital.state()
    forget_all(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    ahead, again = Ahead(Late(hospital.store)), rechecking.look_again
    broken = iter(range(9))

    def breaks(*arguments: object) -> None:
        if next(broken, 9) < 9:
            raise DatabaseDown("database: locked")
        again(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rechecking, "look_again", breaks)
    for _ in range(9):
        with pytest.raises(DatabaseDown):
            to_the_end(hospital, ahead)
        assert latest(hospital).done == 0
    to_the_end(hospital, ahead)
    hospital.reconcile()
    assert hospital.state() == before


def test_without_one_there_is_nothing_to_do(hospital: Hospital) -> None:
    ward(hospital)
    assert not Ahead(Late(hospital.store)).some(hospital.store, hospital.now)


@pytest.mark.parametrize("late", [0, 2, 7])
@pytest.mark.parametrize("seed", range(340, 346))
def test_what_comes_between_a_look_and_its_answer_is_not_lost(
    seed: int, late: int, tmp_path: Path, template: Path
) -> None:
    """Others look, facts change, answers come: in the end all is as if it were looked at once more."""
    (events,) = interleaved(chains(seed), 3, seed)[2:]
    half = len(events) // 2
    with fresh(tmp_path / "one.sqlite3", template) as hospital:
        hospital.hears_an_early_order()
        for event in events[:half]:
            event(hospital)
        forget_all(hospital)
        rechecking.start(hospital.store, "rules", hospital.now)
        ahead = Ahead(Late(hospital.store, late))
        for event in events[half:]:
            ahead.some(hospital.store, hospital.now, 0)
            event(hospital)
        to_the_end(hospital, ahead)
        hospital.reconcile()
        before = hospital.state()
        hospital.recheck()
        assert hospital.state() == before
