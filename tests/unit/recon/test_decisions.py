from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from radrecon.model.correction import AttributeChange
from radrecon.model.decision import Decision, Scope
from radrecon.model.patient import Demographics
from radrecon.model.study import SeriesFacts, Study, StudyFacts
from radrecon.recon.decisions import before, came_after, keys_of, ruling, said_again, same_identity, scopes_for
from tests.unit.recon.people import ANNA, WATCH, facts, person, study, who

AT = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
ACCESSION = (AttributeChange("AccessionNumber", "X777", "A1042"),)
PEOPLE = {1: person(1), 2: person(2, who("4711002", "BAUER^EVA", "1971-01-01"))}
OTHER = {"number": 18, "study_instance_uid": "1.2.4"}


def decision(scope: Scope = Scope.STUDY, of: StudyFacts | None = None, number: int = 17, **more: Any) -> Decision:
    seen = of or facts("X777")
    made = Decision(
        more.pop("verb", "link"), scope, "", before(seen), ANNA, ACCESSION, number, 10, 1, 3, 4, "ann", "typo", AT,
        AT + timedelta(days=14), id=number,
    )  # fmt: skip
    return replace(made, **more)


def rule(found: Study, *decisions: Decision) -> Any:
    return ruling(found, decisions, PEOPLE, WATCH)


def second(patient: Demographics = ANNA, **more: Any) -> Study:
    return study("X777", patient, **(OTHER | more))


# keys


def test_numbers_that_say_nothing_lead_to_no_other_study() -> None:
    for patient in (who(""), who("UNKNOWN"), who("0"), who(name="TRAUMA"), who(birth=""), who(birth="1960")):
        assert set(keys_of(facts("X777", patient))) == {Scope.STUDY}
    assert set(keys_of(facts("NONE"))) == {Scope.STUDY, Scope.PATIENT}
    assert set(keys_of(facts("X777", performed=""))) == {Scope.STUDY}


def test_padding_and_leading_zeros_part_no_keys_but_station_day_and_issuer_do() -> None:
    one = keys_of(facts("X777"))[Scope.ACCESSION]
    assert keys_of(facts(" 0x777 ", who("004711001")))[Scope.ACCESSION] == one
    assert keys_of(facts("X777", performed="2026-11-23T14:34:00"))[Scope.ACCESSION] != one
    assert keys_of(facts("X777", issuer_of_accession="NORTH"))[Scope.ACCESSION] != one
    assert keys_of(facts("X777", series=(SeriesFacts("1", "CT", "CT9"),)))[Scope.ACCESSION] != one


def test_a_decision_reaches_only_as_far_as_it_was_about() -> None:
    assert set(scopes_for("link", facts("X777"), ANNA)) == {Scope.STUDY, Scope.ACCESSION}
    assert set(scopes_for("link", facts("X777", who("999")), ANNA)) == set(Scope)
    assert set(scopes_for("link", facts("X777", who("999")), ANNA, ["999"])) == {Scope.STUDY, Scope.ACCESSION}
    assert set(scopes_for("fix", facts("X777", who("999")), ANNA)) == {Scope.STUDY, Scope.PATIENT}
    assert set(scopes_for("merge", facts("X777", who("999")), ANNA)) == {Scope.STUDY}
    assert set(scopes_for("dismiss", facts("X777"), ANNA)) == {Scope.STUDY, Scope.ACCESSION}


# the study itself


def test_nothing_is_late_while_the_images_show_what_was_decided() -> None:
    assert rule(study("A1042"), decision()) is None
    assert rule(study("A1042")) is None


def test_former_values_that_come_again_are_late() -> None:
    found = rule(study("X777"), decision())
    assert (found.follows, found.late, found.order_id) == (True, ACCESSION, 0)


def test_the_latest_decision_on_a_study_counts() -> None:
    older = decision(id=1, at=AT - timedelta(hours=1), changes=(AttributeChange("AccessionNumber", "A1042", "A1000"),))
    assert rule(study("X777"), older, decision()).decision.id == 17
    assert rule(study("A1042"), older, decision()) is None


def test_images_of_another_patient_under_the_same_study_uid_are_not_followed() -> None:
    found = rule(study("X777", who("4711002", "BAUER^EVA", "1971-01-01"), person_id=2), decision())
    assert not found.follows
    assert "another patient" in found.against
    of_another_name = rule(study("X777", who(name="BAUER^EVA")), decision())
    assert of_another_name is None


def test_a_number_that_has_become_another_known_persons_is_not_followed() -> None:
    mistyped = facts("X777", who("999"))
    found = rule(Study(mistyped, 17, person_id=2), decision(of=mistyped))
    assert found.against == "the images' patient id is another known person's"


def test_a_suspected_overlay_is_not_followed() -> None:
    people = {1: replace(PEOPLE[1], quarantined=True)}
    found = ruling(study("X777"), [decision()], people, WATCH)
    assert found is not None
    assert "under suspicion" in found.against


def test_a_patient_who_was_merged_since_is_followed_to_the_survivor() -> None:
    people = {1: replace(PEOPLE[1], merged_into=2), 2: PEOPLE[2]}
    assert ruling(study("X777", person_id=2), [decision()], people, WATCH).follows  # type: ignore[union-attr]


def test_images_that_came_after_are_counted_but_not_what_workstations_make_of_them() -> None:
    seen = before(facts())
    more = (*facts().series, SeriesFacts("9", "SR", instances=1), SeriesFacts("8", "PR", instances=5))
    assert came_after(seen, facts(series=more, instances=10)) == 1
    assert came_after(seen, facts()) == 0
    assert came_after(seen, facts(series=(), instances=6)) == 2
    assert came_after(replace(seen, series=()), facts(instances=3)) == 0


def test_only_what_a_pacs_proves_is_called_late() -> None:
    changes = (*ACCESSION, AttributeChange("StudyDescription", "", "CT HEAD"), AttributeChange("PatientSex", "M", "F"))
    assert said_again(changes, facts("X777")) == ACCESSION


# other studies


def test_another_study_with_the_same_numbers_gets_the_decided_order() -> None:
    found = rule(second(), decision(Scope.ACCESSION))
    assert (found.follows, found.order_id) == (True, 10)


def test_what_was_put_aside_puts_aside() -> None:
    found = rule(second(), decision(Scope.ACCESSION, verb="dismiss", order_id=0, person_id=0))
    assert (found.puts_aside, found.order_id) == (True, 0)


def test_any_difference_of_identity_is_a_persons_affair() -> None:
    for patient in (who(name="MEYER^ANNE"), who(birth="1960-05-18"), who(sex="M"), who("4711009"), who(sex="")):
        found = rule(second(patient), decision(Scope.ACCESSION))
        assert found is None or not found.follows, patient


def test_one_of_another_patient_among_those_decided_stops_it() -> None:
    stranger = decision(Scope.ACCESSION, facts("X777", who(name="BAUER^EVA")), number=19)
    assert not rule(second(), decision(Scope.ACCESSION), stranger).follows


def test_decisions_that_differ_decide_for_nobody_else() -> None:
    other = decision(Scope.ACCESSION, number=19, order_id=11)
    assert "differently" in rule(second(), decision(Scope.ACCESSION), other).against
    assert rule(second(), decision(Scope.PATIENT), replace(other, scope=Scope.PATIENT)).follows


def test_a_later_decision_on_the_same_study_takes_the_place_of_the_former() -> None:
    later = decision(Scope.ACCESSION, id=30, at=AT + timedelta(hours=1), order_id=11)
    assert rule(second(), decision(Scope.ACCESSION), later).order_id == 11


def test_a_wrong_number_says_whose_images_are_and_links_nothing() -> None:
    found = rule(second(), decision(Scope.PATIENT))
    assert (found.follows, found.order_id) == (True, 0)


def test_the_order_of_what_is_given_changes_nothing() -> None:
    some = [decision(Scope.ACCESSION), decision(Scope.PATIENT), decision(Scope.ACCESSION, number=19)]
    assert rule(second(), *some) == rule(second(), *reversed(some))


def test_identity_is_the_same_both_ways_round() -> None:
    assert same_identity(ANNA, who(name="Meyer^Anna^"), "")
    assert not same_identity(ANNA, who(sex=""), "")
    assert not same_identity(who(sex=""), ANNA, "")
