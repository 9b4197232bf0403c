"""Where accession numbers stand: senders as they are, scored against what the PACS knows."""

from __future__ import annotations

from collections.abc import Callable

from radrecon.recon.accession_paths import Known, Proposal, Sample, propose, shape, values_of

Order = dict[str, str]


def accession(number: int) -> str:
    return f"A{100000 + number}"


def patient(number: int) -> str:
    return str(7000 + number)


def usual(number: int) -> Order:
    """Placer, filler and accession numbers that have nothing in common."""
    return {
        "ORC-1.1": "NW", "ORC-2.1": f"P{number}", "ORC-3.1": f"F{number}", "OBR-1.1": "1", "OBR-2.1": f"P{number}",
        "OBR-3.1": f"F{number}", "OBR-4.1": "CTCHEST", "OBR-18.1": accession(number), "PV1-19.1": f"V{number // 3}",
    }  # fmt: skip


def samples(build: Callable[[int], Order], count: int = 60) -> list[Sample]:
    return [Sample(frozenset({patient(at)}), tuple(build(at).items())) for at in range(count)]


def performed(count: int = 30, write: Callable[[int], str] = accession) -> Known:
    return {write(at): frozenset({patient(at)}) for at in range(count)}


def test_the_place_that_holds_the_pacs_numbers_is_proposed() -> None:
    found = propose(samples(usual), performed())
    assert found.paths == ("OBR-18",)
    assert (found.orders, found.performed) == (60, 30)
    (score,) = found.scores
    assert (score.filled, score.equal, score.wrong, score.like, score.unlike) == (60, 30, 0, 30, 0)
    assert "30 of 30 performed orders: a study's number of the same patient" in score.reasons


def test_of_places_with_the_same_value_the_usual_one_is_taken_and_the_others_are_said_to_be_equal() -> None:
    found = propose(samples(lambda at: usual(at) | {"ORC-3.1": accession(at), "OBR-3.1": accession(at)}), performed())
    assert found.paths == ("OBR-18",)
    assert {one.path for one in found.scores} == {"OBR-18", "OBR-3", "ORC-3"}
    assert "always the same as OBR-18" in found.scores[-1].reasons


def test_a_second_place_is_asked_where_the_first_is_silent() -> None:
    def some(at: int) -> Order:
        order = usual(at)
        if at % 3 == 0:
            order["OBR-20.1"] = order.pop("OBR-18.1")
        return order

    found = propose(samples(some), performed())
    assert found.paths == ("OBR-18", "OBR-20")
    assert found.sentence == "these places name the accession number of 30 of 30 performed orders"


def test_a_second_place_that_is_wrong_where_the_first_is_silent_is_not_asked() -> None:
    def some(at: int) -> Order:
        order = usual(at) | {"ORC-3.1": accession(at)}
        if at % 3 == 0:
            order["ORC-3.1"] = f"X{at}-{at}"
            order["OBR-20.1"] = order.pop("OBR-18.1")
        return order

    assert propose(samples(some), performed()).paths == ("OBR-18", "OBR-20")


def test_placer_numbers_that_look_alike_are_not_taken_for_accession_numbers() -> None:
    """Both counters run through the same range: the placer's number is another patient's accession number."""
    found = propose(
        samples(lambda at: usual(at) | {"ORC-2.1": accession(at + 5), "OBR-2.1": accession(at + 5)}), performed()
    )
    assert found.paths == ("OBR-18",)
    placer = next(one for one in found.scores if one.path == "ORC-2")
    assert (placer.equal, placer.of_others) == (0, 25)
    assert "25 are numbers of other patients' studies" in placer.reasons


def test_placer_numbers_that_collide_are_not_proposed_while_nothing_else_is_known() -> None:
    def only_placer(at: int) -> Order:
        return {"ORC-2.1": accession(at + 5), "OBR-18.1": f"Z{at}"}

    assert propose(samples(only_placer), performed()).paths == ()


def test_other_zeros_or_a_prefix_are_near_and_never_equal() -> None:
    for write in (lambda at: f"00{100000 + at}", lambda at: f"RIS-{100000 + at}", lambda at: f"77{100000 + at}"):
        found = propose(samples(lambda at: usual(at) | {"OBR-18.1": str(100000 + at)}), performed(write=write))
        assert found.paths == ()
        (score,) = found.scores
        assert (score.path, score.equal, score.near) == ("OBR-18", 0, 30)
        assert found.sentence == "no place holds the PACS's number as it is; OBR-18 is near in 30 orders"


def test_a_small_counter_or_a_constant_is_no_accession_number() -> None:
    known = performed() | {"1": frozenset({patient(3)}), "CTCHEST": frozenset({patient(at) for at in range(60)})}
    assert propose(samples(usual), known).paths == ("OBR-18",)


def test_few_numbers_are_not_enough_evidence() -> None:
    found = propose(samples(usual), performed(3))
    assert found.paths == ()
    assert found.sentence == (
        "not enough evidence: the best place holds 3 different numbers that the PACS knows, 5 are needed"
    )


def test_updates_of_one_order_count_once() -> None:
    same = samples(usual)[:2] * 50
    assert propose(same, performed()).paths == ()


def test_where_nothing_is_known_that_is_said() -> None:
    assert propose([], performed()).sentence == "no order of this sender is in the journal"
    assert "not enough evidence" in propose(samples(usual), {}).sentence


def test_patients_that_the_pacs_numbers_in_another_way_are_no_contradiction() -> None:
    known = {number: frozenset({f"EXT{number}"}) for number in performed()}
    found = propose(samples(usual), known)
    assert found.paths == ("OBR-18",)
    assert "cannot be compared" in found.scores[0].reasons[0]


def test_components_are_named_where_a_field_has_several() -> None:
    found = propose(
        samples(lambda at: usual(at) | {"OBR-18.1": f"x{at}", "OBR-3.1": accession(at), "OBR-3.2": "RIS"}), performed()
    )
    assert found.paths == ("OBR-3.1",)


def test_words_for_none_are_no_numbers() -> None:
    found: Proposal = propose(samples(lambda at: usual(at) | {"OBR-18.1": "NONE"}), performed() | {"NONE": frozenset()})
    assert found.paths == ()


def test_what_the_pacs_is_asked_for() -> None:
    (sample,) = samples(usual, 1)
    assert accession(0) in values_of([sample])
    assert "UNKNOWN" not in values_of([Sample(frozenset(), (("OBR-18.1", "UNKNOWN"),))])


def test_the_shape_of_a_number() -> None:
    assert shape("RIS-0042") == "AAA-9999"
