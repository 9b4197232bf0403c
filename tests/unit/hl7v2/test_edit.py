from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.edit import edited
from radrecon.hl7v2.escape import unescape
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import ContentError, RejectError, Trouble

ADT = (
    b"MSH|^~\\&|HIS|HOSP|||20261122||ADT^A08|C1|P|2.5.1||||||UNICODE UTF-8\r"
    b"PID|1||1^^^HOSP&1.2&ISO~2^^^RIS||DOE^JOHN\r"
    b"OBX|1|TX|A||first\r\n"
    b"OBX|2|TX|B||second\nits second line\r"
    b"ZXX|odd|\\Z9\\|\r"
)
LETTERS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@pytest.mark.parametrize(
    ("path", "value", "was", "now"),
    [
        ("PID-3.1", "77", b"|1^^^HOSP", b"|77^^^HOSP"),
        ("PID-3[2].1", "77", b"~2^^^RIS", b"~77^^^RIS"),
        ("PID-3[3].4", "LAB", b"~2^^^RIS|", b"~2^^^RIS~^^^LAB|"),
        ("PID-3.4.2", "9.9", b"HOSP&1.2&ISO", b"HOSP&9.9&ISO"),
        ("PID-5", "ROE", b"|DOE^JOHN", b"|ROE"),
        ("PID-5.2", "A^B|C", b"DOE^JOHN", b"DOE^A\\S\\B\\F\\C"),
        ("PID-8", "F", b"DOE^JOHN\r", b"DOE^JOHN|||F\r"),
        ("PID-5", "", b"|DOE^JOHN\r", b"|\r"),
        ("PID-5.1", '""', b"DOE^JOHN", b'""^JOHN'),
        ("MSH-10", "C2", b"|C1|", b"|C2|"),
        ("MSH-18", "8859/1", b"UNICODE UTF-8", b"8859/1"),
        ("OBX[2]-5", "other", b"second\nits second line", b"other"),
        ("ZXX-1", "even", b"ZXX|odd|", b"ZXX|even|"),
    ],
)
def test_only_the_named_place_changes(path: str, value: str, was: bytes, now: bytes) -> None:
    assert ADT.count(was) == 1
    assert edited(ADT, {path: value}) == ADT.replace(was, now)


@given(value=LETTERS, path=st.sampled_from(["PID-3.1", "PID-3[2].4.2", "PID-5", "PID-30[4].2", "OBX[2]-5", "ZXX-2.3"]))
def test_any_value_comes_back_as_it_was_set(value: str, path: str) -> None:
    message = Message.parse(edited(ADT, {path: value}))
    name, _, rest = path.partition("-")
    segment = message.all(name.split("[")[0])[1 if "[" in name else 0]
    field, *numbers = rest.split(".")
    number, _, repetition = field.rstrip("]").partition("[")
    part = segment.raw(int(number)).split("~")[int(repetition or 1) - 1]
    for separator, at in zip("^&", numbers, strict=False):
        part = part.split(separator)[int(at) - 1]
    assert unescape(part, message.delimiters, message.charset) == value


@given(value=LETTERS)
def test_setting_what_stands_there_already_changes_no_byte(value: str) -> None:
    once = edited(ADT, {"PID-5.2": value})
    assert edited(once, {"PID-5.2": value}) == once


def test_delimiters_and_noise_of_the_message_stay_its_own() -> None:
    raw = b"\x0b noise\rMSH#*!\\%#HIS\nPID#1##1*\xe9#"
    assert edited(raw, {"PID-5.2": "A*B|C"}) == b"\x0b noise\rMSH#*!\\%#HIS\nPID#1##1*\xe9##*A\\S\\B|C"


@pytest.mark.parametrize(("prefix", "name"), [(b"\xef\xbb\xbf", b""), (b"", b"UNICODE UTF-8"), (b"", b"8859/15")])
def test_the_character_set_stays(prefix: bytes, name: bytes) -> None:
    raw = prefix + b"MSH|^~\\&|H||||||ADT^A08|1|P|2.5||||||" + name + b"\rPID|||1||x\r"
    changed = edited(raw, {"PID-5.1": "Mürre €"})
    assert changed.startswith(prefix + b"MSH")
    assert Message.parse(changed).get("PID-5.1") == "Mürre €"


def test_a_letter_that_the_character_set_cannot_hold_is_refused() -> None:
    with pytest.raises(ContentError, match="cannot be written in character set 8859/1"):
        edited(b"MSH|^~\\&|H||||||ADT^A08|1|P|2.5||||||8859/1\rPID|1", {"PID-5": "王"})


def test_a_wrong_label_is_corrected_and_the_bytes_stay() -> None:
    raw = b"MSH|^~\\&|H||||||ADT^A08|1|P|2.5||||||8859/1\rPID|||1||M\xc3\xbcller\r"
    changed = edited(raw, {"MSH-18": "UNICODE UTF-8"})
    assert changed == raw.replace(b"8859/1", b"UNICODE UTF-8")
    assert Message.parse(changed).get("PID-5") == "Müller"


def test_a_plain_message_takes_any_letter_where_its_character_set_is_set_too() -> None:
    raw = b"MSH|^~\\&|H||||||ADT^A08|1|P|2.5\rPID|||1||x\r"
    with pytest.raises(ContentError, match="ASCII"):
        edited(raw, {"PID-5": "Müller"})
    changed = edited(raw, {"PID-5": "Müller", "MSH-18": "8859/1"})
    assert changed.endswith(b"M\xfcller\r")
    assert Message.parse(changed).get("PID-5") == "Müller"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("PID3", "not an HL7 path"),
        ("PID-3.1.1.1", "not an HL7 path"),
        ("PID-0", "count from 1"),
        ("PID-3[0]", "count from 1"),
        ("PID-3.0", "count from 1"),
        ("PID-100000", "count from 1"),
        ("MSH-2", "delimiters"),
        ("PV1-2", "no segment PV1"),
        ("PID[2]-3", "no segment PID 2"),
    ],
)
def test_a_path_that_leads_nowhere_is_said_in_a_line(path: str, words: str) -> None:
    with pytest.raises(Trouble, match=words):
        edited(ADT, {path: "x"})


def test_what_is_no_message_cannot_be_edited() -> None:
    with pytest.raises(RejectError, match="no MSH"):
        edited(b"hello", {"PID-3": "1"})
