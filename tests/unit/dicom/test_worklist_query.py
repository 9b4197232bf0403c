"""Identifiers as modalities send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.dicom.elements import EXPLICIT_LE, Element, Item, encode, parse
from radrecon.dicom.worklist_query import WorklistQuery, read_query
from radrecon.model.errors import ContentError

STEP = 0x00400100


def text(value: str) -> Element:
    return Element("LO", value.encode())


def test_no_sequence_an_empty_one_and_an_empty_item_all_ask_for_everything() -> None:
    for item in ({}, {STEP: Element("SQ")}, {STEP: Element("SQ", items=({},))}):
        query = read_query({0x00100020: text("")} | item)
        assert (query.modality, query.date_from, query.unsupported) == ((), "", ())


def test_of_several_step_items_the_first_is_used_and_the_sequence_is_marked() -> None:
    items = ({0x00080060: text("CT")}, {0x00080060: text("MR")})
    query = read_query({STEP: Element("SQ", items=items)})
    assert query.modality == ("CT",)
    assert query.unsupported == ("ScheduledProcedureStepSequence",)


def test_a_step_sequence_that_is_no_sequence_is_marked() -> None:
    assert read_query({STEP: text("CT")}).unsupported == ("ScheduledProcedureStepSequence",)


def test_a_value_inside_another_sequence_is_ignored_and_marked_with_its_path() -> None:
    query = read_query({0x00321064: Element("SQ", items=({0x00080100: text("CTHEAD")},))})
    assert query.unsupported == ("RequestedProcedureCodeSequence.CodeValue",)


def test_control_characters_make_a_key_ill_formed() -> None:
    query = read_query({0x00100020: text("10\n0"), 0x0020000D: Element("UI", b"1.2\x003")})
    assert (query.patient_id, query.study_instance_uid) == ((), ())
    assert query.unsupported == ("PatientID", "StudyInstanceUID")


def test_a_list_with_a_universal_value_is_universal() -> None:
    query = read_query({STEP: Element("SQ", items=({0x00080060: text("CT\\*")},))})
    assert query.modality == ()


@pytest.mark.parametrize("typed", ["^", "^^^^", "*^*^*", "=", "^^^^=^^^^=^^^^", "==", "*=*", ",", " ^ "])
def test_a_name_of_empty_components_matches_everything(typed: str) -> None:
    query = read_query({0x00100010: text(typed)})
    assert (query.patient_name, query.unsupported) == ((), ())


@pytest.mark.parametrize("typed", ["^JOHN", "=山田", "?", "*A", "^*A^"])
def test_a_name_with_a_letter_in_it_does_not(typed: str) -> None:
    assert read_query({0x00100010: text(typed), 0x00080005: text("ISO_IR 192")}).patient_name == (typed,)


def test_carets_are_nothing_empty_in_another_key() -> None:
    assert read_query({0x00100020: text("^^")}).patient_id == ("^^",)


def test_empty_values_in_a_list_are_nothing() -> None:
    query = read_query({STEP: Element("SQ", items=({0x00080060: text("CT\\\\MR \\")},))})
    assert query.modality == ("CT", "MR")


def test_the_character_set_of_the_query_is_used() -> None:
    query = read_query(
        {0x00080005: Element("CS", b"ISO_IR 100"), 0x00100010: Element("PN", "MÜLLER".encode("latin-1"))}
    )
    assert query.patient_name == ("MÜLLER",)
    assert query.charset == ("ISO_IR 100",)


def test_the_keys_are_kept_as_typed_for_people() -> None:
    item = {0x00080060: text("CT"), 0x00400002: text("20261122-")}
    query = read_query({0x00100010: text("SMITH*"), 0x00100020: text(""), STEP: Element("SQ", items=(item,))})
    assert query.keys == {"PatientName": "SMITH*", "Modality": "CT", "ScheduledProcedureStepStartDate": "20261122-"}


def test_group_lengths_are_no_keys() -> None:
    assert read_query({0x00100000: Element("UL", b"\x04\0\0\0")}).unsupported == ()


keys = st.sampled_from((0x00100010, 0x00100020, 0x00080005, 0x0020000D, 0x00080060, 0x00400002, 0x00400003, 0x00091001))
leaves = st.builds(Element, st.just("LO"), st.binary(max_size=20))
items = st.dictionaries(keys, leaves, max_size=4)
sequences = st.builds(lambda nested: Element("SQ", items=tuple(nested)), st.lists(items, max_size=2))
identifiers = st.dictionaries(st.one_of(keys, st.just(STEP), st.just(0x00321064)), st.one_of(leaves, sequences))


@given(identifiers)
def test_no_identifier_makes_it_raise(identifier: Item) -> None:
    assert isinstance(read_query(identifier), WorklistQuery)


@given(st.binary(max_size=400))
def test_bytes_are_a_query_or_a_content_error(data: bytes) -> None:
    try:
        read_query(parse(data, EXPLICIT_LE))
    except ContentError:
        return


def test_a_query_reads_the_same_after_encoding() -> None:
    identifier: Item = {
        0x00100010: Element("PN", b"SMITH^JOHN"),
        STEP: Element("SQ", items=({0x00080060: text("CT")},)),
    }
    assert read_query(parse(encode(identifier, EXPLICIT_LE), EXPLICIT_LE)).patient_name == ("SMITH^JOHN",)
