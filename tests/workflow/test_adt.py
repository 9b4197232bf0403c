from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from radrecon.hl7v2.adt import NO_EFFECT
from radrecon.model.patient import PatientId
from radrecon.store import merges, orders, persons
from radrecon.store import tables as t
from tests.workflow.adt_messages import head, mrg, ordered, patient, pv1, said
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, message


@on_both
@pytest.mark.parametrize("event", ["A09", "A60"])
def test_an_event_without_effect_is_taken_and_says_so(hospital: Hospital, event: str) -> None:
    hospital.hears(said(event, patient("1"), pv1("V1", place="W1")))
    (row,) = hospital.journal()
    assert (row.state, row.reason) == ("applied", f"nothing here depends on ADT^{event}: the message is kept")
    assert row.effect["persons"] == [hospital.person("1").id]
    assert row.effect["visits"]


@pytest.mark.parametrize("event", sorted(NO_EFFECT))
def test_every_other_event_of_the_standard_is_taken(hospital: Hospital, event: str) -> None:
    hospital.hears(said("A28", patient("1"), minute=1), said(event, patient("1", "WRONG^NAME"), minute=2))
    assert str(hospital.person("1").demographics.name) == "FISCHER^ANNA"


def test_an_event_about_a_bed_needs_no_patient(hospital: Hospital) -> None:
    hospital.hears(message(head("ADT^A20", 1), "EVN|A20|20261122130100", "NPU|W1^2^B|C"))
    assert hospital.people() == 0


@pytest.mark.parametrize("event", ["Z99", "A19", "A99", ""])
def test_an_event_that_the_standard_does_not_know_is_refused_and_kept(hospital: Hospital, event: str) -> None:
    (taken,) = hospital.takes(message(head(f"ADT^{event}".rstrip("^"), 1), patient("1")))
    assert taken.ack_code == "AR"
    assert hospital.journal()[0].state == "refused"
    assert hospital.people() == 0


def test_what_a_message_did_is_told_in_ids_and_words(hospital: Hospital) -> None:
    hospital.hears(ordered("A1", "1", visit="V1", minute=1))
    hospital.hears(said("A45", patient("2"), mrg("1", visit="V1"), pv1("V1"), minute=3))
    effect = hospital.journal()[-1].effect
    assert effect["orders"] == [hospital.order("A1").id]
    assert set(effect["persons"]) == {hospital.person("1").id, hospital.person("2").id}
    assert effect["visits"]
    assert effect["remarks"] == ["visit V1 moves with 1 orders; 0 of the former stay"]


# -- whatever is heard, in whatever order -----------------------------------------------------------------------------

numbers = st.sampled_from(["1", "2", "3", "4"])
minutes = st.integers(0, 59)
visits = st.sampled_from(["", "V1", "V2"])


def of_two(event: str, one: str, other: str, visit: str, new: str, minute: int) -> bytes:
    if event in ("A24", "A37"):
        return said(event, patient(one), patient(other), minute=minute)
    prior = mrg(other, visit=visit, account=visit, alternate=visit)
    return said(event, patient(one, account=new), prior, pv1(new, alternate=new), minute=minute)


MERGING = ["A40", "A40", "A40", "A43", "A47", "A36"]
TWO = [*MERGING, *MERGING, "A24", "A35", "A37", "A41", "A42", "A44", "A45", "A45", "A49", "A50", "A51"]
ONE = ["A01", "A03", "A08", "A11", "A13", "A23", "A28", "A29", "A31"]
names = st.sampled_from(["FISCHER^ANNA", "BAUER^EVA"])
of_pairs = st.builds(of_two, st.sampled_from(TWO), numbers, numbers, visits, visits, minutes)
of_one = st.builds(
    lambda event, one, visit, name, minute: said(event, patient(one, name), pv1(visit), minute=minute),
    st.sampled_from(ONE), numbers, visits, names, minutes,
)  # fmt: skip
of_known = st.builds(
    lambda one, two, minute: said("A08", patient(f"{one} {two}"), minute=minute), numbers, numbers, minutes
)
of_orders = st.builds(
    lambda one, visit, minute: ordered(f"A{one}{visit}{minute}", one, visit=visit, minute=minute),
    numbers, visits, minutes,
)  # fmt: skip
told = st.one_of(of_pairs, of_pairs, of_one, of_known, of_orders)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(told, min_size=3, max_size=16))
def test_any_history_leaves_an_index_that_makes_sense(hospital: Hospital, history: list[bytes]) -> None:
    empty(hospital)
    for taken in hospital.takes(*history):
        assert taken.ack_code in ("AA", "AE"), taken.reason
        assert "could not be applied" not in taken.reason, taken.reason
    makes_sense(hospital)
    hospital.reconcile()
    before = hospital.state()
    hospital.recheck()
    assert hospital.state() == before


def empty(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        for table in t.metadata.sorted_tables:
            if table not in (t.counter, t.setting):
                conn.execute(table.delete())


def makes_sense(hospital: Hospital) -> None:
    i, o, p, v = t.identifier.c, t.imaging_order.c, t.person.c, t.visit.c
    with hospital.store.reading() as conn:
        merged = dict(conn.execute(sa.select(p.id, p.merged_into)).all())
        for one in merged:
            assert merged[merges.root(conn, one)] == 0, "a cycle of merges"
        numbers = conn.execute(sa.select(i.value, i.issuer, i.person_id)).all()
        assert len({row[:2] for row in numbers}) == len(numbers), "a number that leads to two"
        assert all(merged[row.person_id] == 0 for row in numbers), "a number that leads to nobody who stands"
        for person_id in conn.execute(sa.select(o.person_id)).scalars():
            assert merged[person_id] == 0, "an order of somebody merged away"
        for person_id in conn.execute(sa.select(v.person_id).where(v.merged_into == 0)).scalars():
            assert not person_id or merged[person_id] == 0, "a visit of somebody merged away"
        for row in conn.execute(sa.select(p.id, p.patient_id, p.issuer_of_patient_id).where(p.merged_into == 0)):
            known = persons.find(conn, PatientId(row.patient_id, row.issuer_of_patient_id))
            assert known is not None
            assert known.person_id == row.id, "a person whose own number leads elsewhere"
        assert all(order.person_id for order in orders.load_many(conn, range(1, 30)))


@on_both
@pytest.mark.parametrize("sent", ["00000000", "UNKNOWN", "19600500", "1960"])
def test_what_is_no_birth_date_takes_no_known_one_away(hospital: Hospital, sent: str) -> None:
    hospital.hears(adt("A04"), adt("A08", born=sent, name="MEIER^ANNA"))
    known = hospital.person().demographics
    assert (known.birth_date, str(known.name)) == ("1960-05-17", "MEIER^ANNA")
    (remark,) = hospital.journal()[-1].effect["remarks"]
    assert remark.startswith("the birth date that was sent is ")
    assert remark.endswith(": the known one stays")
    hospital.hears(adt("A08", born='""'))
    assert hospital.person().demographics.birth_date == ""
