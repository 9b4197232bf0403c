"""What becomes of a known order when it is heard of again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.order import Code, Order, OrderRequest, Step, StepStatus
from radrecon.model.patient import Visit
from radrecon.recon.order_update import DONE, GENERATED, TAKEN_OVER, is_same, updated
from tests.builders import order, step

S = StepStatus


def asked(known: Order, **more: Any) -> OrderRequest:
    """A message about the same order; only what is named differs."""
    request = {name: more.pop(name) for name in ("keeps_status", "deletes", "step_deletes") if name in more}
    return OrderRequest(replace(known, **({"control": "XO", "sources": {}, "id": 0} | more)), **request)


def steps(*names: str, status: StepStatus = S.SCHEDULED, **more: Any) -> tuple[Step, ...]:
    return tuple(step(sps=name, status=status, id=at, **more) for at, name in enumerate(names, 1))


def states(found: Order) -> list[str]:
    return [str(one.status) for one in found.steps]


def test_empty_leaves_alone_and_two_quotes_delete() -> None:
    known = order(reason="cough", medical_alerts="PACEMAKER", requested_procedure_code=Code("1", "L", "CT"), id=7)
    said = {"reason": "", "medical_alerts": "", "requested_procedure_code": Code()}
    found = updated(known, asked(known, **said, deletes=frozenset(("medical_alerts",))))
    assert (found.id, found.reason, found.medical_alerts) == (7, "cough", "")
    assert found.requested_procedure_code == Code("1", "L", "CT")


def test_a_step_keeps_what_an_update_does_not_say_of_it() -> None:
    known = order(steps=steps("S1"))
    bare = (Step("S1"),)
    found = updated(known, asked(known, steps=bare, step_deletes=(frozenset(("station_ae_title",)),))).steps[0]
    assert (found.modality, found.start, found.station_ae_title) == ("CT", "2026-11-22T14:30:00", "")


def test_a_value_that_was_deleted_has_no_source_any_more() -> None:
    known = order("A1", sources={"accession_number": "OBR-18"})
    found = updated(known, asked(known, accession_number="", deletes=frozenset(("accession_number",))))
    assert (found.accession_number, found.issuer_of_accession, found.sources) == ("", "", {})


# -- two hops ---------------------------------------------------------------------------------------------------------


def placers(known: Order, **more: Any) -> OrderRequest:
    """The same order as its placer repeats it: no accession number, no step ids, its own times."""
    bare = (Step(description="CT chest", start="2026-11-20"),)
    return asked(known, **({"sender": "EHR", "accession_number": "", "filler_order_number": "", "steps": bare} | more))


def test_the_fillers_message_completes_what_the_placer_ordered() -> None:
    known = Order(placer_order_number="P1", sender="EHR", steps=(Step(description="CT chest", id=1),), id=3)
    found = updated(known, OrderRequest(order("A100", placer="P1", steps=steps("S1", "S2"))))
    assert (found.id, found.accession_number, found.sender) == (3, "A100", "RIS")
    assert [(one.id, one.scheduled_procedure_step_id) for one in found.steps] == [(1, "S1"), (2, "S2")]


def test_what_the_placer_repeats_blanks_nothing_and_moves_nothing() -> None:
    known = order("A100", steps=steps("S1"), sources={"accession_number": "OBR-18"})
    found = updated(known, placers(known, requested_procedure_description="something else", reason="worse"))
    assert (found.accession_number, found.filler_order_number, found.sender) == ("A100", "F-A100", "RIS")
    assert found.sources["accession_number"] == "OBR-18"
    assert found.requested_procedure_description == known.requested_procedure_description
    assert found.steps == known.steps
    assert found.reason == "worse"


@pytest.mark.parametrize("status", [S.COMPLETED, S.CANCELLED, S.STARTED])
def test_what_the_placer_repeats_reopens_nothing(status: StepStatus) -> None:
    known = order("A100", steps=steps("S1", status=status), status=status)
    found = updated(known, placers(known, status=S.SCHEDULED, control="NW"))
    assert (found.status, states(found)) == (status, [status])


def test_a_new_order_under_the_number_of_one_that_is_done_is_seen() -> None:
    known = order("A100", steps=steps("S1", status=S.COMPLETED), status=S.COMPLETED)
    assert "already_done" in updated(known, placers(known, status=S.SCHEDULED, control="NW")).flags
    assert "already_done" not in updated(known, placers(known, status=S.SCHEDULED, control="XO")).flags


def test_the_placer_may_end_the_order() -> None:
    known = order("A100", steps=steps("S1", "S2"))
    found = updated(known, placers(known, status=S.CANCELLED, control="CA", steps=()))
    assert (found.status, states(found), found.accession_number) == (S.CANCELLED, [S.CANCELLED] * 2, "A100")


def test_numbers_of_two_authorities_are_two_numbers() -> None:
    one = Order(placer_order_number="1", issuer_of_placer_order_number="EPIC")
    assert is_same(one, Order(placer_order_number="1"))
    assert is_same(one, Order(placer_order_number="1", issuer_of_placer_order_number="EPIC"))
    assert not is_same(one, Order(placer_order_number="1", issuer_of_placer_order_number="RIS2"))
    assert not is_same(one, Order(placer_order_number="2"))
    assert not is_same(Order(), Order())
    both = {"accession_number": "A1"}
    assert is_same(replace(one, **both), Order(placer_order_number="1", issuer_of_placer_order_number="X", **both))


# -- Study UIDs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "stated", "uid"),
    [(TAKEN_OVER, "1.9", "1.1"), (GENERATED, "1.9", "1.9"), ("ZDS-1.1", "1.9", "1.9"), ("ZDS-1.1", "", "1.1")],
)
def test_the_uid_that_images_brought_stays(source: str, stated: str, uid: str) -> None:
    known = order(study_instance_uid="1.1", sources={"study_instance_uid": source})
    stating = {"study_instance_uid": "ZDS-1.1"} if stated else {}
    found = updated(known, asked(known, study_instance_uid=stated, sources=stating))
    assert found.study_instance_uid == uid
    assert found.sources["study_instance_uid"] == ("ZDS-1.1" if uid == "1.9" else source)


# -- steps ------------------------------------------------------------------------------------------------------------


def test_a_new_message_for_another_step_of_the_order_adds_it() -> None:
    known = order(steps=steps("S1"))
    found = updated(known, asked(known, control="NW", steps=(step(sps="S2"),)))
    assert [one.scheduled_procedure_step_id for one in found.steps] == ["S1", "S2"]
    assert states(found) == ["SCHEDULED", "SCHEDULED"]


def test_an_exchange_that_leaves_a_step_out_cancels_it_unless_it_was_done() -> None:
    known = order(steps=(*steps("S1", "S2"), step(sps="S3", status=S.COMPLETED, id=3)))
    found = updated(known, asked(known, steps=(step(sps="S1"),)))
    assert states(found) == ["SCHEDULED", "CANCELLED", "COMPLETED"]


def test_a_completed_step_leaves_the_others_open() -> None:
    known = order(steps=steps("S1", "S2"))
    one_done = asked(known, control="SC", status=S.COMPLETED, steps=(step(sps="S2", status=S.COMPLETED),))
    found = updated(known, one_done)
    assert (found.status, states(found)) == (S.SCHEDULED, ["SCHEDULED", "COMPLETED"])


def test_a_message_without_steps_moves_all_that_did_not_go_their_own_way() -> None:
    known = order(steps=(*steps("S1", "S2"), step(sps="S3", status=S.CANCELLED, id=3)))
    done = updated(known, asked(known, control="SC", status=S.COMPLETED, steps=()))
    assert states(done) == ["COMPLETED", "COMPLETED", "CANCELLED"]
    again = updated(done, asked(done, control="SC", status=S.SCHEDULED, steps=()))
    assert states(again) == ["SCHEDULED", "SCHEDULED", "CANCELLED"]


def test_a_message_about_one_request_of_the_order_moves_only_its_steps() -> None:
    own = step(sps="S2", placer_order_number="P2", filler_order_number="F2", id=2)
    known = order(steps=(*steps("S1"), own))
    other = {"placer_order_number": "P2", "filler_order_number": "F2"}
    found = updated(known, asked(known, control="CA", status=S.CANCELLED, steps=(), **other))
    assert (found.status, states(found)) == (S.SCHEDULED, ["SCHEDULED", "CANCELLED"])
    assert found.placer_order_number == known.placer_order_number
    moved = asked(known, control="XO", steps=(step(sps="S2", start="2026-11-30"),), **other)
    assert [one.start for one in updated(known, moved).steps] == ["2026-11-22T14:30:00", "2026-11-30"]


def test_a_hold_keeps_the_steps_until_the_release() -> None:
    known = order(steps=steps("S1"))
    held = updated(known, asked(known, control="HD", status=S.HELD, steps=()))
    assert (held.status, states(held)) == (S.HELD, ["HELD"])
    released = updated(held, asked(held, control="RL", status=S.SCHEDULED, steps=()))
    assert released.steps == known.steps


# -- flags and visits -------------------------------------------------------------------------------------------------


def test_a_number_that_was_asked_for_is_wanted_until_it_comes() -> None:
    known = replace(order(), placer_order_number="", flags=("number_wanted",))
    still = updated(known, asked(known, reason="x"))
    assert still.flags == ("number_wanted",)
    assert updated(still, asked(still, control="NA", placer_order_number="P1")).flags == ()


def test_flags_that_only_their_own_cause_settles_stay() -> None:
    known = order(flags=("report_wrong_patient", "no_show", "unknown_control"))
    found = updated(known, asked(known, steps=(step(start=""),), flags=()))
    assert found.flags == ("report_wrong_patient",)  # the order still has its time
    timeless = replace(known, steps=(step(start=""),))
    assert updated(timeless, asked(timeless, flags=())).flags == ("report_wrong_patient", "no_show", "no_start")


def test_another_visit_is_taken_whole_and_the_same_one_is_filled() -> None:
    known = order(visit=Visit("V1", "HIS", "I", "W1"))
    assert updated(known, asked(known, visit=Visit(patient_class="O"))).visit == Visit("V1", "HIS", "O", "W1")
    assert updated(known, asked(known, visit=Visit("V2"))).visit == Visit("V2")


# -- any sequence -----------------------------------------------------------------------------------------------------

names = st.sampled_from(["", "S1", "S2", "S3"])
stated_steps = st.lists(
    st.builds(Step, names, modality=st.sampled_from(["", "CT"]), start=st.sampled_from(["", "2026-11-22"])), max_size=3
)
controls = st.sampled_from(["NW", "XO", "SC", "CA", "DC", "RO", "HD", "RL", "NA", "SN", "OK", "ZZ"])
requests = st.builds(
    lambda said, control, status, keeps, sender, numbers, accession: OrderRequest(
        Order(
            accession_number=accession,
            placer_order_number=numbers[0],
            filler_order_number=numbers[1],
            control=control,
            status=status,
            steps=tuple(replace(one, status=status) for one in said),
            sender=sender,
        ),
        keeps_status=keeps,
        step_deletes=(frozenset(),) * len(said),
    ),
    stated_steps, controls, st.sampled_from(list(S)), st.booleans(), st.sampled_from(["EHR", "RIS"]),
    st.sampled_from([("P1", ""), ("P1", "F1"), ("", "F1"), ("P2", "F2")]), st.sampled_from(["", "A1"]),
)  # fmt: skip


@given(st.lists(requests, min_size=1, max_size=8))
def test_no_sequence_of_messages_loses_a_step(said: Sequence[OrderRequest]) -> None:
    known = replace(
        said[0].order, id=1, steps=tuple(replace(one, id=at) for at, one in enumerate(said[0].order.steps, 1))
    )
    for request in said[1:]:
        found = updated(known, request)
        assert found.id == 1
        assert [one.id for one in found.steps[: len(known.steps)]] == [one.id for one in known.steps]
        assert {one.scheduled_procedure_step_id for one in known.steps} - {""} <= {
            one.scheduled_procedure_step_id for one in found.steps
        }
        assert not (found.status in DONE and any(one.status is S.SCHEDULED for one in found.steps))
        known = replace(found, steps=tuple(replace(one, id=at) for at, one in enumerate(found.steps, 1)))
