"""Two copies of one message: found, and what changed between them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from radrecon.recon.pairing import Asked, Copy, answered, changes, general, interface_map, partner, similarity
from tests.builders import NOW

BODY = (("PID-3.1", "1000001"), ("PID-5.1", "FISCHER"), ("PID-5.2", "ANNA"), ("PID-7.1", "19600517"))


def copy(number: int = 1, seconds: float = 0, **more: Any) -> Copy:
    more = {"message_type": "ORM^O01", "control_id": f"C{number}", "sent_at": "", "numbers": frozenset()} | more
    return Copy(number, NOW + timedelta(seconds=seconds), fields=more.pop("fields", BODY), **more)


def found(wanted: Copy, *candidates: Copy) -> int:
    other = partner(wanted, candidates)
    return other.id if other else 0


def test_the_same_control_id_is_found_among_alike() -> None:
    assert found(copy(9, control_id="C2"), copy(1), copy(2), copy(3)) == 2


def test_without_a_common_control_id_the_content_decides() -> None:
    other = (("PID-3.1", "2000002"), ("PID-5.1", "MEIER"), ("PID-5.2", "BERT"), ("PID-7.1", "19500101"))
    assert found(copy(9, control_id="X"), copy(1, fields=other), copy(2)) == 2
    assert found(copy(9, control_id="X"), copy(1, fields=other)) == 0


def test_a_reused_control_id_on_other_content_is_another_message() -> None:
    assert found(copy(9, control_id="C1"), copy(1, fields=(("PID-3.1", "77"), ("PID-5.1", "SMITH")))) == 0


def test_orders_with_other_numbers_are_other_orders_however_alike() -> None:
    wanted = copy(9, control_id="X", numbers=frozenset({"P1"}))
    assert found(wanted, copy(1, numbers=frozenset({"P2"}))) == 0
    assert found(wanted, copy(1, numbers=frozenset({"P1", "F1"}))) == 1


def test_an_engine_that_rewrites_all_numbers_but_keeps_the_control_id_is_followed() -> None:
    assert found(copy(9, control_id="C1", numbers=frozenset({"1"})), copy(1, numbers=frozenset({"RIS1"}))) == 1


def test_the_same_time_of_writing_tells_repeats_apart_and_else_the_first_heard_is_taken() -> None:
    wanted = copy(9, control_id="X", sent_at="20261122140002")
    assert found(wanted, copy(1, sent_at="20261122140001"), copy(2, sent_at="20261122140002")) == 2
    assert found(copy(9, control_id="X"), copy(2), copy(1)) == 1


def test_another_type_or_another_hour_is_another_message() -> None:
    assert found(copy(9, control_id="C1"), copy(1, message_type="ADT^A08")) == 0
    assert found(copy(9, control_id="C1"), copy(1, seconds=4000)) == 0
    assert found(copy(9, control_id="X", message_type="ADT^A08"), copy(1, message_type="ADT^A31")) == 1


# -- answers ----------------------------------------------------------------------------------------------------------


def asked(number: int, application: str, hours: float = 0, behind: bool = False) -> Asked:
    return Asked(number, NOW - timedelta(hours=hours), (application, "H"), behind)


def test_an_answer_goes_to_whom_it_names() -> None:
    assert answered(("RIS", "H"), NOW, [asked(1, "RIS"), asked(2, "HIS")]) == 1
    assert answered(("RIS", "H"), NOW, [asked(1, "RIS", 2), asked(3, "RIS", 1)]) == 3
    assert answered(("RIS", "H"), NOW, [asked(1, "RIS", behind=True), asked(3, "RIS")]) == 1


def test_an_answer_that_names_nobody_heard_is_clear_only_with_a_single_sender() -> None:
    assert answered(("", ""), NOW, [asked(1, "RIS")]) == 1
    assert answered(("", ""), NOW, [asked(1, "RIS"), asked(2, "HIS")]) == 0
    assert answered(("RIS", "H"), NOW, [asked(1, "RIS", 30)]) == 0
    assert answered(("RIS", "H"), NOW, []) == 0


# -- changes ----------------------------------------------------------------------------------------------------------


def test_changes_name_the_place_and_both_values() -> None:
    before = (("MSH-3.1", "RIS"), ("PID-3.1", "123"), ("PV1-2.1", "O"))
    behind = (("MSH-3.1", "ENGINE"), ("PID-3.1", "0000123"), ("PID-3.4", "HOSP"))
    assert changes(before, behind) == [
        ("MSH-3", "RIS", "ENGINE"),
        ("PID-3.1", "123", "0000123"),
        ("PID-3.4", "", "HOSP"),
        ("PV1-2", "O", ""),
    ]


def test_a_dropped_segment_does_not_shift_the_others() -> None:
    before = [(f"{name}-{at}.1", value) for name, value, number in
              (("OBX", "one", "1"), ("OBX[2]", "two", "2"), ("OBX[3]", "three", "3"))
              for at, value in ((1, number), (5, value))]  # fmt: skip
    behind = (("OBX-1.1", "1"), ("OBX-5.1", "two"), ("OBX[2]-1.1", "2"), ("OBX[2]-5.1", "three"))
    assert changes(before, behind) == [
        ("OBX-1", "1", ""), ("OBX-5", "one", ""), ("OBX-1", "2", "1"), ("OBX[2]-1", "3", "2")
    ]  # fmt: skip


def test_long_values_are_cut_but_compared_whole() -> None:
    before, behind = "x" * 5000 + "a", "x" * 5000 + "b"
    ((_, old, new),) = changes((("OBX-5.1", before),), (("OBX-5.1", behind),))
    assert len(old) == len(new) == 200


PATHS = st.lists(
    st.tuples(
        st.sampled_from(["PID-3.1", "PID-3[2].1", "OBX-5.1", "OBX[2]-5.1", "NTE-3.1"]), st.text("ab", min_size=1)
    ),
    unique_by=lambda item: item[0],
)


@given(PATHS, PATHS)
def test_equal_messages_have_no_changes_and_others_have_some(one: Any, other: Any) -> None:
    assert changes(one, one) == []
    assert bool(changes(one, other)) == (dict(one) != dict(other))
    assert 0 <= similarity(one, other) <= 1


def test_the_interface_map_counts_places_over_all_pairs() -> None:
    lines = interface_map(
        [[("OBX[2]-5", "a", "b"), ("OBX-5", "c", "d"), ("MSH-3", "RIS", "E")], [("MSH-3", "RIS", "E")], []]
    )
    assert [(line.path, line.pairs, line.share, line.examples) for line in lines] == [
        ("MSH-3", 2, 0.667, (("RIS", "E"),)),
        ("OBX-5", 1, 0.333, (("a", "b"), ("c", "d"))),
    ]
    assert interface_map([]) == []
    assert general("OBX[2]-3[1].4") == "OBX-3.4"
