"""Acknowledgements."""

from __future__ import annotations

from datetime import UTC, datetime

import hl7
import pytest

from radrecon.hl7v2.ack import Ack, ack, read_ack, wanted
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import RejectError

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def header(version: str = "2.5.1", event: str = "ADT^A08", charset: str = "") -> Message:
    return Message.parse(
        f"MSH|^~\\&|HIS|NORTH|RADRECON||20261122||{event}|C\\T\\7|T|{version}||||||{charset}\r".encode()
    )


def answer(message: Message | None, code: str, text: str = "", location: str = "") -> str:
    return ack(message, code, text, location, now=NOW, control_id="9").decode()


def test_a_consent_names_the_message_and_goes_back_to_its_sender() -> None:
    assert answer(header(), "AA") == (
        "MSH|^~\\&|RADRECON||HIS|NORTH|20261122143000+0000||ACK^A08^ACK|9|T|2.5.1\rMSA|AA|C\\T\\7\r"
    )


def test_a_refusal_names_the_field_in_the_form_of_its_version() -> None:
    assert answer(header(), "AE", "no patient identifier", "PID-3").endswith(
        "MSA|AE|C\\T\\7|no patient identifier\r"
        "ERR||PID^1^3|101^Required field missing^HL70357|E||||no patient identifier\r"
    )
    assert answer(header("2.3"), "AE", "no patient identifier", "PID-3").endswith(
        "ERR|PID^1^3^101&Required field missing&HL70357\r"
    )
    assert "ERR||PID^1^3^1^4|" in answer(header(), "AE", "x", "PID-3.4")
    assert "ERR||ORC^1|" in answer(header(), "AE", "x", "ORC")
    assert "ERR|||207^" in answer(header(), "AR", "not now")


@pytest.mark.parametrize(
    ("version", "kind"),
    [("2.1", "ACK"), ("2.2", "ACK"), ("2.3", "ACK^A08"), ("2.3.1", "ACK^A08^ACK"), ("x", "ACK^A08^ACK")],
)
def test_the_type_is_what_the_version_knows(version: str, kind: str) -> None:
    assert Message.parse(answer(header(version), "AA").encode()).header.raw(9) == kind


def test_it_survives_a_short_header_and_none_at_all() -> None:
    short = Message.parse(b"MSH|^~\\&")
    assert answer(short, "AR", "what?").startswith(
        "MSH|^~\\&|RADRECON||||20261122143000+0000||ACK|9|P|2.5.1\rMSA|AR||what?\r"
    )
    assert read_ack(answer(None, "AR", "no MSH").encode()).code == "AR"


def test_it_answers_in_the_delimiters_and_character_set_of_the_message() -> None:
    odd = Message.parse(b"MSH!*@?+!HIS!!!!!!ADT*A08!7!P!2.5\r")
    raw = ack(odd, "AE", "a!b", "PID-3", now=NOW, control_id="9")
    assert raw.startswith(b"MSH!*@?+!RADRECON!!HIS!!")
    assert read_ack(raw) == Ack("AE", "7", "a!b", raw, "PID-3: Required field missing")
    latin = ack(header(charset="8859/1"), "AE", "M\u00fc", now=NOW, control_id="9")
    assert b"MSA|AE|C\\T\\7|M\xfc" in latin


def test_the_mode_is_read_from_msh_15_and_16() -> None:
    assert wanted(header()) == (None, None)
    enhanced = Message.parse(b"MSH|^~\\&" + b"|" * 13 + b"AL|NE")
    assert wanted(enhanced) == ("AL", "NE")


def enhanced(accept: str, application: str) -> Message:
    return Message.parse(f"MSH|^~\\&|HIS|NORTH|||20261122||ADT^A08|7|P|2.5.1|||{accept}|{application}\r".encode())


@pytest.mark.parametrize(
    ("stated", "asked"),
    [
        (("AL", "NE"), ("AL", "NE")),
        (("er", "su"), ("ER", "SU")),
        (("AL", ""), ("AL", None)),
        (("", "AL"), (None, "AL")),
        (("", ""), (None, None)),
    ],
)
def test_what_is_asked_is_read_condition_by_condition(
    stated: tuple[str, str], asked: tuple[str | None, str | None]
) -> None:
    assert wanted(enhanced(*stated)) == asked


@pytest.mark.parametrize("code", ["CA", "CE", "CR", "AA", "AE", "AR"])
def test_in_enhanced_mode_an_answer_asks_for_no_answer(code: str) -> None:
    read = Message.parse(answer(enhanced("AL", "AL"), code, "words").encode())
    assert (read.message_type, read.header.raw(9)) == ("ACK^A08", "ACK^A08^ACK")
    assert wanted(read) == ("NE", "NE")
    assert read.get("MSA-1") == code
    assert (read.first("ERR") is None) is (code in ("AA", "CA"))


def test_an_accept_acknowledgement_never_asks_for_one() -> None:
    assert answer(header(), "CA").startswith(
        "MSH|^~\\&|RADRECON||HIS|NORTH|20261122143000+0000||ACK^A08^ACK|9|T|2.5.1|||NE|NE\rMSA|CA|"
    )
    assert wanted(Message.parse(answer(None, "CR", "no MSH").encode())) == ("NE", "NE")


def test_the_character_set_of_the_message_stays_in_its_place() -> None:
    read = Message.parse(answer(header(charset="8859/1"), "CA").encode())
    assert (read.header.raw(18), read.header.raw(15)) == ("8859/1", "NE")


@pytest.mark.parametrize("version", ["2.3", "2.5.1"])
@pytest.mark.parametrize("code", ["AA", "AE", "AR", "CA", "CE", "CR"])
def test_an_answer_that_was_built_is_read_again(version: str, code: str) -> None:
    raw = ack(header(version), code, "words | and ^ more", "PID-3", now=NOW, control_id="9")
    read = read_ack(raw)
    assert (read.code, read.control_id, read.text) == (code, "C&7", "words | and ^ more")
    assert read.error == ("" if code in ("AA", "CA") else "PID-3: Required field missing")
    assert read.positive is (code in ("AA", "CA"))


def test_another_reader_understands_it() -> None:
    parsed = hl7.parse(answer(header(), "AE", "bad", "PID-3"))
    assert str(parsed.segment("MSA")[1]) == "AE"
    assert str(parsed.segment("ERR")[2]) == "PID^1^3"


def test_words_are_found_in_err_too() -> None:
    assert read_ack(b"MSH|^~\\&|\rMSA|AE|7\rERR||PID^1^3|101|E||||no id\r").text == "no id"


@pytest.mark.parametrize("raw", [b"", b"OK", b"MSH|^~\\&|\rPID|1\r"])
def test_what_is_no_acknowledgement_is_refused(raw: bytes) -> None:
    with pytest.raises(RejectError):
        read_ack(raw)
