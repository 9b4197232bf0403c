"""Splink on the same two lists, with the detailed model of its documented example of linking Febrl 4.

https://moj-analytical-services.github.io/splink/demos/examples/duckdb/febrl4.html: its comparisons, blocking rules and
training steps; Splink learns its weights from the data (u by sampling, m by expectation maximisation).
"""

from __future__ import annotations

import contextlib
import io
import logging
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks._febrl_records import Row
from benchmarks._linkage import THRESHOLD, Linked, Score, one_to_one, score
from benchmarks._table import row

SEED = 1
RANDOM_PAIRS = 1e7


def report(left: Sequence[Row], right: Sequence[Row], truth: set[tuple[int, int]]) -> None:
    begun = time.monotonic()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("splink").setLevel(logging.ERROR)
        found = _linked(_predict(left, right), left, right)
    for name, some in (("Splink, all fields", found), ("Splink, all fields, one to one", one_to_one(found))):
        _line(name, score(some, truth))
    print(f"  {time.monotonic() - begun:.1f} s with its training; threshold: probability {THRESHOLD}", flush=True)


def _line(what: str, got: Score) -> None:
    row(what, f"{got.precision:.4f}", f"{got.recall:.4f}", f"{got.f1:.5f}", f"{got.wrong}/{got.missed}")


def _predict(left: Sequence[Row], right: Sequence[Row]) -> Iterable[Mapping[str, Any]]:
    from splink import DuckDBAPI, Linker, block_on

    database = DuckDBAPI()
    tables = [database.register(_frame(rows)) for rows in (left, right)]
    linker = Linker(tables, _settings(), log_level=logging.ERROR)
    train = linker.training
    certain = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    train.estimate_probability_two_random_records_match(certain, recall=0.8)
    train.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for blocked in ("date_of_birth", "postcode"):
        train.estimate_parameters_using_expectation_maximisation(
            block_on(blocked), estimate_without_term_frequencies=True
        )
    found: list[Mapping[str, Any]] = linker.inference.predict(THRESHOLD).as_record_list()
    return found


def _frame(rows: Sequence[Row]) -> Any:
    import pandas

    return pandas.DataFrame(rows).replace("", None)


def _settings() -> Any:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison(
                "date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
            ),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
    )


def _linked(found: Iterable[Mapping[str, Any]], left: Sequence[Row], right: Sequence[Row]) -> list[Linked]:
    here = {row["rec_id"]: place for place, row in enumerate(left)}
    there = {row["rec_id"]: place for place, row in enumerate(right)}
    return [
        Linked(here[one["rec_id_l"]], there[one["rec_id_r"]], one["match_probability"], one["match_weight"])
        for one in found
    ]
