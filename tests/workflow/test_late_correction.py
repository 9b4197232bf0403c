"""Late images get the same correction again where the site has switched that rule on, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from radrecon.model.case import CaseKind
from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown
from radrecon.workflow import late_correction, ruling
from radrecon.workflow.late_correction import carry_out
from tests.builders import demographics, series, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, order
from tests.workflow.test_deciding import MISTYPED, WRONG, decided, rows, switch


def resends(hospital: Hospital) -> None:
    hospital.sees(study(accession=WRONG))


def carries_out_by_rule(hospital: Hospital) -> int:
    done = carry_out(hospital.store, hospital.now)
    for one in open_corrections(hospital):
        hospital.carries_out(one)
    return done


def open_corrections(hospital: Hospital) -> list[int]:
    with hospital.store.reading() as conn:
        query = sa.select(t.correction.c.id).where(t.correction.c.state == "under way")
        return list(conn.execute(query).scalars())


@on_both
def test_off_and_in_shadow_nothing_is_sent_and_in_shadow_it_is_counted(hospital: Hospital) -> None:
    decided(hospital)
    resends(hospital)
    assert carry_out(hospital.store, hospital.now) == 0
    switch(hospital, "correct_late_images", "shadow")
    assert carry_out(hospital.store, hospital.now) == 0
    hospital.corrects("link")
    (row,) = [one for one in ruling.rows(hospital.store) if one.rule == "correct_late_images"]
    assert (row.state, row.acted, row.agreed, row.disagreed) == ("shadow", 1, 1, 0)


@on_both
def test_switched_on_the_correction_goes_again_in_the_persons_name_and_lasts_no_longer(hospital: Hospital) -> None:
    decided(hospital)
    until = {one.expires_at for one in rows(hospital)}
    switch(hospital, "correct_late_images")
    resends(hospital)
    assert carries_out_by_rule(hospital) == 1
    assert hospital.study().facts.accession_number == "A100"
    assert hospital.cases() == []
    assert {one.expires_at for one in rows(hospital)} == until
    assert {(one.who, one.by_rule) for one in rows(hospital)} == {("ann", ""), ("ann", "correct_late_images")}
    resends(hospital)  # and once more
    assert carries_out_by_rule(hospital) == 1
    assert hospital.cases() == []


def test_a_database_that_is_locked_for_a_moment_is_no_outcome(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(hospital)
    switch(hospital, "correct_late_images")
    resends(hospital)

    def locked(*_: object, **__: object) -> int:
        raise DatabaseDown("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(late_correction, "approve", locked)
        with pytest.raises(DatabaseDown):
            carry_out(hospital.store, hospital.now)
    assert carries_out_by_rule(hospital) == 1


@pytest.mark.parametrize("both_decided", [True, False])
def test_a_study_of_the_same_number_on_which_nobody_has_decided_is_left_to_a_person(
    hospital: Hospital, both_decided: bool
) -> None:
    """A fix takes along what has the same number; the rule only what the person saw then."""
    other = study("2", "A200", demographics(name="FISCHER^ANNA" if both_decided else "FISCHER^BERTA"))
    hospital.hears(order("A100"))
    hospital.sees(study("1"), *([other] if both_decided else []))
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    hospital.corrects("fix", next(one for one in hospital.cases() if one.finding.study_id == 1))
    switch(hospital, "correct_late_images")
    hospital.sees(study("1"), other)
    assert carry_out(hospital.store, hospital.now) == (1 if both_decided else 0)
    edits = [each.planned.edit for one in open_corrections(hospital) for each in hospital.deliveries(one)]
    assert {one.study_instance_uid for one in edits if one} == ({"1", "2"} if both_decided else set())
    with hospital.store.reading() as conn:
        outcomes = list(conn.execute(sa.select(t.rule_act.c.outcome)).scalars())
    assert both_decided or "it would change studies on which nobody has decided: a person decides" in outcomes


def test_not_while_images_still_arrive(hospital: Hospital) -> None:
    decided(hospital)
    switch(hospital, "correct_late_images")
    more = (series("1.2.3"), series("1.2.3", 2))
    hospital.looks(replace(study(accession=WRONG), series=more, instances=4))
    assert hospital.case().kind is CaseKind.LATE_IMAGES
    assert carry_out(hospital.store, hospital.now) == 0


def test_where_the_identity_has_changed_since_a_person_decides(hospital: Hospital) -> None:
    decided(hospital, study(accession=WRONG, patient=MISTYPED))
    switch(hospital, "correct_late_images")
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    hospital.sees(study(accession=WRONG, patient=MISTYPED))
    assert carry_out(hospital.store, hospital.now) == 0
    assert hospital.case().kind is CaseKind.LATE_IMAGES
    with hospital.store.reading() as conn:
        outcome = conn.execute(sa.select(t.rule_act.c.outcome).where(t.rule_act.c.ended_at.is_(None))).scalar_one()
    assert "identity has changed since" in outcome
    assert carry_out(hospital.store, hospital.now) == 0


def test_images_of_another_patient_are_never_corrected_by_themselves(hospital: Hospital) -> None:
    decided(hospital)
    switch(hospital, "correct_late_images")
    hospital.sees(study(accession=WRONG, patient=demographics("1000002", "BAUER^EVA", birth_date="1971-01-01")))
    assert carry_out(hospital.store, hospital.now) == 0
    assert hospital.case().kind is CaseKind.DEMOGRAPHIC_MISMATCH
    assert "does not follow the decision of ann" in hospital.case().finding.cause
