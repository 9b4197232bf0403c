"""The file's settings: what is meant is taken, what cannot be meant is named in one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from radrecon.config import Config, HL7SenderConfig, ModalityConfig, PatientIdRule, environment_on, load
from radrecon.model.errors import Trouble

SENDER = """
[[hl7_sender]]
match = {{ sending_application = "RIS" }}
{more}
"""


def written(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "radrecon.toml"
    path.write_text(SENDER.format(more=more), "utf-8")
    return path


def test_a_senders_rules_are_read_as_they_are_documented(tmp_path: Path) -> None:
    more = """
tap = "copy"
owner_of = ["identity"]
accession_paths = ["OBR-18", "OBR-3.1", "ZDS-1.1", "Z01-2"]
time_zone = "Europe/Berlin"
[[hl7_sender.patient_id_rules]]
match = '\\d{1,7}'
issuer = "HOSP"
pad = 7
[[hl7_sender.patient_id_rules]]
prefix = "N"
issuer = "NORTH"
legacy_of = "HOSP"
"""
    (sender,) = load(written(tmp_path, more)).hl7_sender
    assert sender.patient_id_rules == [
        PatientIdRule(match=r"\d{1,7}", issuer="HOSP", pad=7),
        PatientIdRule(prefix="N", issuer="NORTH", legacy_of="HOSP"),
    ]
    assert (sender.tap, sender.patient_id_fallback) == ("copy", True)


@pytest.mark.parametrize(
    ("more", "where", "words"),
    [
        ('accession_paths = ["OBR 18"]', "hl7_sender.0.accession_paths", "'OBR 18' is no place"),
        ('accession_paths = ["OBR-0"]', "hl7_sender.0.accession_paths", "'OBR-0' is no place"),
        ('time_zone = "Europe/Berlinn"', "hl7_sender.0.time_zone", "no time zone is called 'Europe/Berlinn'"),
        ('owner_of = ["identiy"]', "hl7_sender.0.owner_of.0", "'identity'"),
        ('tap = "both"', "hl7_sender.0.tap", "copy_after"),
        ("patient_id_rules = [{match = '(', drop = true}]", "patient_id_rules.0.match", "not a regular expression"),
        ("patient_id_rules = [{match = '0+'}]", "patient_id_rules.0", "at least one of issuer, pad and drop"),
        ("patient_id_rules = [{drop = true}]", "patient_id_rules.0", "drop needs a condition"),
        ("patient_id_rules = [{match = '0+', drop = true, pad = 7}]", "patient_id_rules.0", "neither issuer nor pad"),
        ("patient_id_rules = [{prefix = 'N', legacy_of = 'H'}]", "patient_id_rules.0", "issuer"),
        ("patient_id_rules = [{issuer = 'H', legacy_of = 'H'}]", "patient_id_rules.0", "legacy_of needs issuer"),
        ("patient_id_rules = [{prefix = 'N', strip_prefix = true}]", "strip_prefix", "no such setting"),
        ("patient_id_rules = [{issuer = 'H', pad = 99}]", "patient_id_rules.0.pad", "64"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(tmp_path: Path, more: str, where: str, words: str) -> None:
    path = written(tmp_path, more)
    with pytest.raises(Trouble) as caught:
        load(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    assert where in said
    assert words in said


def test_a_configuration_survives_the_database() -> None:
    sender = HL7SenderConfig(patient_id_rules=[PatientIdRule(match="0+", drop=True)], accession_paths=["OBR-18"])
    config = Config(hl7_sender=[sender])
    assert Config.model_validate(config.model_dump(mode="json")) == config


def sources(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "radrecon.toml"
    path.write_text('[[modality]]\nae_title = "CT1"\n[[modality]]\nae_title = "CT2"\n' + more, "utf-8")
    return path


def test_a_worklist_source_is_asked_as_the_modalities_it_names_or_all(tmp_path: Path) -> None:
    source = '[[worklist_source]]\nname = "{name}"\nae_title = "X"\nport = 104\n{calling}\n'
    found = load(
        sources(tmp_path, source.format(name="a", calling="") + source.format(name="b", calling='calling = ["CT2"]'))
    )
    asked = [[one.ae_title for one in found.callers_of(each)] for each in found.worklist_source]
    assert asked == [["CT1", "CT2"], ["CT2"]]
    twice = [*found.modality, ModalityConfig(ae_title="CT1", modalities=["MR"]), ModalityConfig(ae_title="*")]
    again = found.model_copy(update={"modality": twice})
    assert [(one.ae_title, one.modalities) for one in again.callers_of(found.worklist_source[0])] == [
        ("CT1", []), ("CT2", []),
    ]  # fmt: skip
    assert found.worklist_source_named("b") == found.worklist_source[1]
    for more, words in (
        (source.format(name="a", calling='calling = ["MR"]'), "calling names no [[modality]]: 'MR'"),
        (source.format(name="a", calling="") * 2, "two worklist sources are called 'a'"),
    ):
        with pytest.raises(Trouble) as raised:
            load(sources(tmp_path, more))
        assert words in str(raised.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("temporary_ids = ['(']", "cases.temporary_ids: '(' is not a regular expression"),
        ("temporary_identity_hours = [24, 4]", "hours rise from one to the next"),
        ("temporary_identity_hours = [-1]", "hours rise from one to the next"),
        ("group_from = 1", "cases.group_from"),
        ("overdue_hours = 4", "cases.overdue_hours: no such setting"),
    ],
)
def test_what_cannot_be_meant_of_cases_is_said(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text(f"[cases]\n{line}\n", "utf-8")
    with pytest.raises(Trouble) as caught:
        load(path)
    assert words in str(caught.value)


def test_kinds_of_cases_are_switched_off_by_zero_or_none(tmp_path: Path) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text("[cases]\noverdue_order_hours = 0\ntemporary_identity_hours = []\n", "utf-8")
    found = load(path).cases
    assert (found.overdue_order_hours, found.temporary_identity_hours, found.group_from) == (0, [], 20)


def test_who_may_not_read_the_computers_file_is_told_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    monkeypatch.setattr(Path, "group", lambda _: "radrecon")
    path = tmp_path / "radrecon.toml"
    with pytest.raises(Trouble, match=r"Permission denied \(members of the group radrecon may read it\)$"):
        load(path)


PACS = '[[pacs]]\nname = "main"\nae_title = "{}"\nport = 104\n{}'


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (PACS.format("SEVENTEEN_LETTERS", ""), "pacs.0.ae_title", "is no AE title"),
        (PACS.format("  ", ""), "pacs.0.ae_title", "is no AE title"),
        (PACS.format("MÜLLER", ""), "pacs.0.ae_title", "is no AE title"),
        (PACS.format("MAIN", 'rest_url = "pacs:8042"'), "pacs.0.rest_url", "write http://host:port"),
        ('[[modality]]\nae_title = ""\n', "modality.0.ae_title", "is no AE title"),
        ("[engine]\nmllp_port = 2575\ndicom_port = 2575\n", "engine", "two listeners cannot share port 2575"),
        ('[engine]\nae_title = "A\\\\B"\n', "engine.ae_title", "is no AE title"),
        ('[[modality]]\nae_title = "CT1"\naddress = "ct1.hospital"\n', "modality.0.address", "write 10.1.2.3"),
        ('[[hl7_sender]]\nmatch = { host = "ris:2575" }\n', "hl7_sender.0.match.host", "no name and no port"),
    ],
)
def test_what_no_peer_could_be_reached_by_is_said_at_the_start(
    tmp_path: Path, text: str, where: str, words: str
) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Trouble) as caught:
        load(path)
    assert where in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[engine]\nmllp_port = true\n", "engine.mllp_port: true is no number"),
        ("[engine]\nrecheck_processes = false\n", "engine.recheck_processes: false is no number"),
        (PACS.format("MAIN", "poll_seconds = true"), "pacs.0.poll_seconds: true is no number"),
        ("[cases]\ntemporary_identity_hours = [true, 4]\n", "cases.temporary_identity_hours: true is no number"),
        (PACS.format("MAIN", "poll_seconds = inf"), "pacs.0.poll_seconds: Input should be a finite number"),
        (PACS.format("MAIN", "look_back_days = 999999"), "pacs.0.look_back_days: days beyond any calendar"),
        ("[engine]\nkeep_messages_days = 1000000\n", "engine.keep_messages_days: days beyond any calendar"),
        ("[cases]\ntemporary_identity_hours = [4, 99999999]\n", "cases.temporary_identity_hours: hours beyond"),
        ('[[hl7_sender]]\ncharset = "nope"\n', "hl7_sender.0.charset: 'nope' is no character set of HL7"),
        ('[[hl7_sender]]\ncharset = "8859/1~nope"\n', "hl7_sender.0.charset: 'nope' is no character set of HL7"),
        ('[[hl7_destination]]\nname = "d"\nport = 1\ncharset = "nope"\n', "hl7_destination.0.charset: 'nope' is no"),
        (
            '[[hl7_destination]]\nname = "d"\nport = 1\nversion = "x"\n',
            "hl7_destination.0.version: 'x' is no version of HL7",
        ),
    ],
)
def test_what_would_count_or_read_wrongly_is_said_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Trouble, match=re.escape(said)):
        load(path)


@pytest.mark.parametrize("charset", ["", "8859/15", "UTF-8", "~ISO IR87", "ISO IR14~ISO IR87", "unicode utf-8"])
def test_a_sender_has_any_character_set_that_messages_name(charset: str) -> None:
    assert HL7SenderConfig(charset=charset).charset == charset


def test_spaces_around_an_ae_title_are_none(tmp_path: Path) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text(PACS.format(" MAIN ", 'rest_url = "https://pacs:8042"'), "utf-8")
    assert load(path).pacs[0].ae_title == "MAIN"
    path.write_text("[engine]\nmllp_port = 0\ndicom_port = 0\n", "utf-8")
    assert load(path).engine.dicom_port == 0


@pytest.mark.parametrize("ae_title", ["CT1", "*"])
def test_only_one_modality_can_say_whose_numbers_it_sends(tmp_path: Path, ae_title: str) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text(f'[[modality]]\nae_title = "{ae_title}"\npatient_id_issuer = "NORTH"\n', "utf-8")
    if ae_title != "*":
        assert load(path).modality[0].patient_id_issuer == "NORTH"
        return
    with pytest.raises(Trouble, match="cannot say whose numbers"):
        load(path)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text('[site]\nname = "St Anne"\n', "utf-8-sig")
    assert load(path).site.name == "St Anne"


def test_a_child_is_told_its_database_where_no_list_of_processes_shows_it() -> None:
    told = environment_on("postgresql://u:secret@h/d", {"HOME": "/h", "RADRECON_DATABASE": "sqlite:///other"})
    assert told == {"HOME": "/h", "RADRECON_DATABASE": "postgresql://u:secret@h/d"}
