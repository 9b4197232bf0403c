"""What packages are made from, as far as a machine without their tools can tell that it fits together."""

from __future__ import annotations

import configparser
import plistlib
import re
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from radrecon import __version__
from radrecon.cli import commands
from radrecon.config import load
from radrecon.store import schema

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
LEFT_OUT = ("licences", "__pycache__")  # the latter changes while others import
LINUX, WINDOWS = PACKAGING / "linux", PACKAGING / "windows"
sys.path.append(str(PACKAGING / "tools"))

import kept  # noqa: E402
import manual  # noqa: E402
import parts  # noqa: E402
import shells  # noqa: E402


def ini(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser


def test_the_version_is_in_one_place() -> None:
    found = [path for path in PACKAGING.rglob("*") if path.is_file() and path.parent.name not in LEFT_OUT]
    holders = [path.name for path in found if re.search(rf'(?<![\w./=]){re.escape(__version__)}(?!\.)"', _text(path))]
    assert holders == []
    assert "__version__" not in (ROOT / "pyproject.toml").read_text("utf-8")


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def test_every_migration_goes_into_the_package_as_a_file() -> None:
    files = {Path(file).stem.split("_")[0] for file, folder in parts.data(ROOT) if folder.endswith("versions")}
    assert set(schema.known_revisions()) <= files


def test_what_the_desk_reads_goes_where_it_looks_for_it() -> None:
    folders = {Path(file).name: folder for file, folder in parts.data(ROOT)}
    assert folders["light.toml"] == "radrecon/resources/themes"
    assert folders["radrecon.svg"] == "radrecon/resources/icons"


@pytest.mark.parametrize(
    ("name", "source", "wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/venv/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", "/venv/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "/venv/libqgtk3.so", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", "C:\\venv\\qwindows.dll", True),
        ("PySide6/Qt/lib/libQt6Network.so.6", "/venv/libQt6Network.so.6", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/venv/libQt6Core.so.6", True),
    ],
)
def test_of_qt_only_what_the_desk_needs_is_taken_along(name: str, source: str, wanted: bool) -> None:
    assert parts.wanted_binary(name, source) is wanted


@pytest.mark.skipif(sys.platform != "linux", reason="of Linux")
def test_the_systems_libraries_stay_the_systems() -> None:
    assert not parts.wanted_binary("libssl.so.3", "/lib/x86_64-linux-gnu/libssl.so.3")
    assert parts.wanted_binary("libsqlite3.so.0", "/lib/x86_64-linux-gnu/libsqlite3.so.0")


def test_what_is_left_out_is_not_imported() -> None:
    modules = set(re.findall(r"^\s*(?:from|import) (PySide6\.\w+)", _sources(), re.MULTILINE))
    assert not modules & set(parts.EXCLUDED)


def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "radrecon").rglob("*.py"))


# -- Linux ------------------------------------------------------------------------------------------------------------


def test_desktop_entries_start_what_there_is() -> None:
    desk = ini(LINUX / "radrecon.desktop")["Desktop Entry"]
    opener = ini(LINUX / "radrecon-ingest.desktop")["Desktop Entry"]
    assert desk["Exec"] == "radrecon"
    assert Path(opener["Exec"].split()[0]).name == (LINUX / "ingest-files").name
    assert "radrecon ingest" in (LINUX / "ingest-files").read_text("utf-8")
    assert "ingest" in commands.COMMANDS


def test_hl7_files_are_of_the_type_that_the_opener_takes() -> None:
    kind = ElementTree.parse(LINUX / "radrecon-mime.xml").getroot()[0]
    taken = ini(LINUX / "radrecon-ingest.desktop")["Desktop Entry"]["MimeType"].split(";")
    assert kind.get("type") in taken
    magic = [one.get("value") for one in kind.iter() if one.tag.endswith("match")]
    assert "MSH|^~\\\\&" in magic  # the database of types wants its backslash escaped


def test_the_metadata_name_the_desktop_entry() -> None:
    root = ElementTree.parse(LINUX / "org.radrecon.radrecon.metainfo.xml").getroot()
    assert root.findtext("launchable") == "radrecon.desktop"
    assert [one.get("version") for one in root.iter("release")] == ["@VERSION@"]


def test_the_services_command_line_is_one_that_the_program_takes() -> None:
    service = ini(LINUX / "radrecon-engine.service")["Service"]
    program, *arguments = service["ExecStart"].split()
    assert program == "/usr/bin/radrecon"
    parsed = commands.parse(arguments)
    assert (parsed.command, parsed.config) == ("engine", "/etc/radrecon/radrecon.toml")
    assert service["User"] == service["Group"] == "radrecon"
    assert service["UMask"] == "0007"
    assert service["StateDirectoryMode"] == "2770"
    assert service["CapabilityBoundingSet"] == ""


def test_the_first_configuration_is_valid_and_its_database_is_the_services(tmp_path: Path) -> None:
    assert load(LINUX / "radrecon.toml").database == "/var/lib/radrecon/radrecon.sqlite3"
    assert load(WINDOWS / "radrecon.toml").engine.ae_title == "RADRECON"


@pytest.mark.skipif(sys.platform == "win32", reason="needs sh")
@pytest.mark.parametrize("name", ["preinst", "postinst", "prerm", "postrm", "as-service", "prepare", "ingest-files"])
def test_scripts_are_shell(name: str) -> None:
    text = (LINUX / name).read_text("utf-8").replace("@STOP@\n", (LINUX / "stop.sh").read_text("utf-8"))
    assert "@" not in re.sub(r'"\$@"|"\$\{.*?\}"', "", text)
    done = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
    assert done.stderr == ""


def test_the_man_page_and_the_completion_know_every_command() -> None:
    page, completion = manual.man_page("2026-11-28"), manual.completion()
    for name, command in commands.COMMANDS.items():
        assert (f"\n.SS {name}" in page) is (command.help is not None)
        assert (f"    {name}) COMPREPLY" in completion) is (command.help is not None)
    assert "unassigned_study" in completion


def test_zsh_and_fish_know_every_command_and_its_options() -> None:
    fish, zsh = shells.fish(), shells.zsh()
    for name, parser in manual.subparsers(commands.parser()).items():
        assert f"__fish_use_subcommand' -a {name} -d " in fish
        assert f"\n      {name}) _arguments '--help[" in zsh
        for option in (one for action in manual.options_of(parser) for one in action.option_strings):
            if option.startswith("--"):
                assert f"from {name}' -l {option[2:]} " in fish
    assert "-l state -x -a 'open correcting closed dismissed all'" in fish
    assert "'--state[default\\: open (with those under way)]: :(open correcting closed dismissed all)'" in zsh


def test_a_migration_that_loses_or_changes_a_row_is_found_out(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for path, rows in ((before, "(1, 'a'), (2, 'b'), (3, 'c')"), (after, "(1, 'a'), (2, 'x'), (4, 'd')")):
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("CREATE TABLE study (id INTEGER, name TEXT)")
            conn.execute(f"INSERT INTO study VALUES {rows}")
            conn.commit()
    assert kept.compare(before, before).lost == {}
    compared = kept.compare(before, after)
    assert (compared.rows, compared.lost) == ((3, 3), {"study": 2})


def test_libraries_are_of_known_packages() -> None:
    names = tomllib.loads((LINUX / "libraries.toml").read_text("utf-8"))
    assert names["libxcb-cursor.so.0"] == "libxcb-cursor0"
    assert all(".so" in name for name in names)


# -- Windows and macOS ------------------------------------------------------------------------------------------------


def test_the_windows_descriptions_name_files_that_are_there() -> None:
    package = ElementTree.parse(WINDOWS / "radrecon.wxs").getroot()
    sources = {str(one.get("Source")).rsplit("\\", 1)[-1] for one in package.iter() if one.get("Source")}
    inno = (WINDOWS / "radrecon.iss").read_text("utf-8")
    sources |= {one for one in re.findall(r'^Source: "([^"]+)"', inno, re.MULTILINE) if "{" not in one}
    assert sources - {"radrecon-engine.exe"} == {"radrecon-engine.xml", "radrecon.toml", "ingest-files.cmd"}
    assert 'radrecon.exe" ingest' in (WINDOWS / "ingest-files.cmd").read_text("utf-8")
    assert all((WINDOWS / one).exists() for one in sources - {"radrecon-engine.exe"})


def test_the_windows_service_starts_the_engine() -> None:
    service = ElementTree.parse(WINDOWS / "radrecon-engine.xml").getroot()
    account = {one.tag: one.text for one in service.iterfind("serviceaccount/*")}
    assert account["username"] == f"{account['domain']}\\{account['user']}"
    arguments = str(service.findtext("arguments")).replace('"', "").replace("%ProgramData%", "C:").split()
    assert commands.parse(arguments).command == "engine"


def test_entitlements_are_a_property_list() -> None:
    assert all(plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes()).values())
