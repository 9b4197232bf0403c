"""Positions, repetitions, segment ends and short messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.reader import NULL, Field, Message, Segment, split_path
from radrecon.model.errors import RejectError

ADT = (
    "MSH|^~\\&|HIS|GENERAL|RADRECON||20261122143000+0100||ADT^A08^ADT_A01|42|P|2.5.1\r"
    "EVN|A08|20261122143000\r"
    'PID|1||123^^^HIS&1.2.3&ISO^MR~987^^^OTHER^PI||DOE^JOHN\\S\\X^Q||""|M|||ROAD & SON^^CITY\r'
    "PV1|1|I|||\r"
)


def read(text: str) -> Message:
    return Message.parse(text.encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("MSH-1", "|"),
        ("MSH-2", "^~\\&"),
        ("MSH-3", "HIS"),
        ("MSH-9.2", "A08"),
        ("MSH-12", "2.5.1"),
        ("MSH-18", ""),
        ("PID-3", "123"),
        ("PID-3.4", "HIS"),
        ("PID-3.4.2", "1.2.3"),
        ("PID-3.9", ""),
        ("PID-5.2", "JOHN^X"),
        ("PID-7", NULL),
        ("PID-30", ""),
        ("PV1-2", "I"),
        ("ZZZ-1", ""),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: str) -> None:
    assert read(ADT).get(path) == value


def test_the_header_is_read() -> None:
    message = read(ADT)
    assert (message.sending_application, message.sending_facility) == ("HIS", "GENERAL")
    assert (message.control_id, message.message_type, message.version) == ("42", "ADT^A08", "2.5.1")
    assert message.timestamp == "20261122143000+0100"
    assert (message.charset, message.guessed) == ("ASCII", False)


def test_repetitions_are_fields() -> None:
    values = [(field.get(1), field.get(4), field.get(5)) for field in read(ADT).repeats("PID-3")]
    assert values == [("123", "HIS", "MR"), ("987", "OTHER", "PI")]
    assert read(ADT).repeats("PID-2") == read(ADT).repeats("ZZZ-1") == []


def test_null_is_not_empty() -> None:
    pid = read(ADT).first("PID")
    assert pid
    assert pid.field(7).null
    assert not pid.field(9).null
    assert not pid.field(9)


def test_free_text_keeps_what_a_short_path_would_cut() -> None:
    pid = read(ADT).first("PID")
    assert pid
    assert pid.get("11") == "ROAD"
    assert pid.whole("11.1") == "ROAD & SON"
    assert pid.whole("11") == "ROAD & SON^^CITY"


def test_subcomponents_can_be_read_as_components() -> None:
    below = Field(r"7&DOE\T\SON&JOHN^x").sub(1)
    assert (below.get(1), below.get(2), below.get(3)) == ("7", "DOE&SON", "JOHN")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\r\n\r\n", "\n \n"])
def test_any_segment_end_and_blank_segments_will_do(end: str) -> None:
    message = read(ADT.replace("\r", end))
    assert [segment.name for segment in message.segments] == ["MSH", "EVN", "PID", "PV1"]
    assert message.get("PID-5") == "DOE"


def test_a_bare_line_break_inside_a_text_ends_no_segment() -> None:
    message = read(ADT + "OBX|1|TX|||first line\nsecond line\nOBX|2|TX|||third\rZZZ\r")
    assert message.all("OBX")[0].whole("5") == "first line\nsecond line"
    assert message.first("ZZZ")


def test_a_stray_line_never_changes_an_identifying_segment() -> None:
    assert read(ADT.replace("PV1|", "stray\rPV1|")).get("PID-11.3") == "CITY"


@pytest.mark.parametrize("before", ["\r\n", "\ufeff", "\0\0", "\x0b", "  ", "log text\r\n"])
def test_what_stands_before_the_header_is_left_out(before: str) -> None:
    assert read(before + ADT).control_id == "42"


@pytest.mark.parametrize("text", ["", "PID|1", "MSH", "MSHA|x", "MSH\r", "hello MSH|^~\\&|", "\xff\xfe", "FHS|^~\\&|"])
def test_without_msh_a_message_is_refused(text: str) -> None:
    with pytest.raises(RejectError):
        Message.parse(text.encode("latin-1"))


@pytest.mark.parametrize("text", ["MSH|", "MSH|^~\\&", "MSH|^~\\&|A", "MSH|^~\\&\rPID", "MSH||"])
def test_a_short_header_is_empty_not_an_error(text: str) -> None:
    message = read(text)
    assert (message.control_id, message.message_type, message.version, message.event) == ("", "", "", "")


def test_custom_delimiters_are_the_messages_own() -> None:
    message = read("MSH!*@?+!HIS\rPID!!!1***A+1.2@2!!DOE?F?X*JOHN\r")
    assert [field.get() for field in message.repeats("PID-3")] == ["1", "2"]
    assert (message.get("PID-3.4.2"), message.get("PID-5"), message.get("PID-5.2")) == ("1.2", "DOE!X", "JOHN")


def test_the_event_comes_from_evn_where_msh_9_names_none() -> None:
    assert read("MSH|^~\\&|||||||ADT\rEVN|A04\r").message_type == "ADT^A04"
    assert read("MSH|^~\\&|||||||ORU\r").message_type == "ORU"


def test_groups_are_runs_from_each_start() -> None:
    message = read("MSH|^~\\&|\rPID|1\rORC|1\rOBR|a\rOBR|b\rORC|2\rOBR|c\r")
    runs = [[segment.text for segment in run] for run in message.groups("ORC")]
    assert runs == [["ORC|1", "OBR|a", "OBR|b"], ["ORC|2", "OBR|c"]]
    assert message.groups("ZZZ") == []


@pytest.mark.parametrize("path", ["PID", "PID-", "P-1", "PID-x", "ORC3"])
def test_what_is_no_path_is_an_error(path: str) -> None:
    with pytest.raises(ValueError):
        split_path(path)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for raw in (data, b"MSH|^~\\&|" + data):
        try:
            message = Message.parse(raw)
        except RejectError:
            continue
        assert message.raw == raw
        for segment in message.segments:
            segment.get("3.4.2")
        assert isinstance(message.message_type, str)


NAMES = st.sampled_from(
    ["PID", "ORC", "OBX", "NTE", "OBR", "ZDS", "PIDX", "PI", "pid", "", " PID", "PID ", "\0PID", "x"]
)
FIELDS = st.lists(st.sampled_from(["", "1", "PID", "a^b", "x~y", "\nPID", "\n", "PID|2"]), max_size=3)
LINES = st.lists(st.builds(lambda name, fields: "|".join([name, *fields]), NAMES, FIELDS), max_size=8)


@given(
    lines=LINES,
    end=st.sampled_from(["\r", "\n", "\r\n"]),
    asked=st.permutations(["PID", "OBX", "ORC", "ZDS", "PI", "M"]),
)
def test_a_segment_found_alone_is_the_one_that_all_of_them_show(lines: list[str], end: str, asked: list[str]) -> None:
    raw = end.join(["MSH|^~\\&|HIS", *lines]).encode()
    whole = Message.parse(raw).segments
    for name in asked:
        alone = Message.parse(raw).first(name)
        expected = next((segment.text for segment in whole if segment.name == name), None)
        assert (alone.text if alone else None) == expected
    mixed = Message.parse(raw)
    assert [mixed.get(f"{name}-1") for name in asked if len(name) == 3] == [
        next((segment.get("1") for segment in whole if segment.name == name), "") for name in asked if len(name) == 3
    ]
    assert [segment.text for segment in mixed.segments] == [segment.text for segment in whole]


@given(st.lists(st.sampled_from(["a", "", "^", "~", "&", "\\S\\", "\\", " ", '""'])).map("".join), st.integers(1, 4))
def test_a_short_way_to_a_value_gives_what_the_long_way_gives(text: str, component: int) -> None:
    segment = Segment(f"PID|{text}")
    for below in (1, 2):
        assert segment.get(f"1.{component}.{below}") == segment.field(1).get(component, below)
    assert segment.get("1") == segment.field(1).get()


def test_five_thousand_results_are_sliced_once() -> None:
    message = read(ADT + "".join(f"OBX|{n}|TX|||line {n}\r" for n in range(5000)))
    assert len(message.all("OBX")) == 5000
    assert message.all("OBX")[-1].get("5") == "line 4999"


def test_a_longer_name_is_another_segment() -> None:
    message = read(ADT.replace("PID|", "PIDX|"))
    assert message.first("PID") is None
    assert message.get("PID-3") == ""


def test_a_segment_stands_alone() -> None:
    assert Segment("PID|1||7").get("3") == "7"
