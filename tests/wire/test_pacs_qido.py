"""QIDO-RS against Orthanc's plug-in, and against a server that does what servers do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.services import pacs_dimse, pacs_qido
from radrecon.services.pacs_qido import Qido
from radrecon.services.pacs_query import CutShort, ListedTwice
from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs, free_port
from tests.wire.pacs_peers import CT, MR, OWN_AE, make_study, put

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPacs]:
    """Orthanc with its DICOMweb plug-in."""
    try:
        running = pacs.orthanc(tmp_path_factory.mktemp("web"), dicomweb=True)
    except PeerTrouble as error:
        pytest.skip(str(error))
    with running:
        yield running


@pytest.fixture
def qido(web: RunningPacs) -> Iterator[Qido]:
    one = Qido(web.config, page=3)
    yield one
    one.close()


def test_a_study_is_told_as_by_c_find(web: RunningPacs, qido: Qido, tmp_path: Path) -> None:
    values: dict[str, object] = {
        "PatientName": "Yamada^Tarou=山田^太郎", "PatientID": "Q1", "InstitutionName": "x", "StudyID": "7",
        "StudyDescription": "Thorax", "ReferringPhysicianName": "Muster^Eva", "OtherPatientIDs": "",
    }  # fmt: skip
    files = make_study(tmp_path, series=((CT, CT), (MR,)), charset="ISO_IR 192", values=values)
    uid = put(web.config, files)
    assert qido.study(uid) == pacs_dimse.find_study(web.config, OWN_AE, uid)


def test_pages_bring_every_study_of_a_range_of_days_once(web: RunningPacs, qido: Qido, tmp_path: Path) -> None:
    days = ["20150101", *["20150102"] * 7, "20150103"]
    uids = [put(web.config, make_study(tmp_path / str(at), values={"StudyDate": day})) for at, day in enumerate(days)]
    found = [one.study_instance_uid for one in qido.studies("2015-01-01", "2015-01-02")]
    assert sorted(found) == sorted(uids[:8])
    assert [one.study_instance_uid for one in qido.studies("2015-01-03", "2015-01-03")] == uids[8:]
    everything = [one.study_instance_uid for one in qido.studies()]
    assert set(uids) <= set(everything)
    assert len(everything) == len(set(everything))


def test_a_study_that_is_not_there_is_none(qido: Qido) -> None:
    assert qido.study("1.2.3.4") is None
    assert list(qido.studies("1901-01-01", "1901-01-02")) == []


def test_each_request_waits_for_its_turn(web: RunningPacs, tmp_path: Path) -> None:
    uid, turns = put(web.config, make_study(tmp_path)), list[int]()
    one = Qido(web.config, lambda: turns.append(1))
    one.study(uid)
    one.close()
    assert len(turns) == 2  # the study, and its series


def test_a_server_that_is_down_is_named() -> None:
    port = free_port()
    one = Qido(PacsConfig(name="web", ae_title="W", port=1, feed="qido", qido_url=f"http://127.0.0.1:{port}/dicom-web"))
    with pytest.raises(PeerTrouble, match=f"web at http://127.0.0.1:{port}/dicom-web cannot be reached"):
        one.study("1.2.3")
    one.close()


# -- a server of its own kind -----------------------------------------------------------------------------------------


class Odd(ThreadingHTTPServer):
    """A server that holds studies, and does what `ways` say."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.studies: list[dict[str, Any]] = []
        self.instances = 3
        self.ways: set[str] = set()
        self.asked: list[str] = []
        self.body: bytes | None = None
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/qido"


class _Answers(BaseHTTPRequestHandler):
    server: Odd
    protocol_version = "HTTP/1.0"
    headers_of_cut: ClassVar = {"Warning": '299 qido "There are additional results that can be requested"'}

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        where, query = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        self.server.asked.append(self.path)
        if "refuses fields" in self.server.ways and "includefield" in query:
            self._send(400, b"unknown includefield")
        elif self.server.body is not None or self.server.status != 200:
            self._send(self.server.status, self.server.body or b"")
        elif where.path == "/qido/studies":
            self._studies(query)
        elif where.path.endswith("/series"):
            self._json([{"0020000E": {"vr": "UI", "Value": ["1.9"]}, "00080060": {"vr": "CS", "Value": ["CT"]}}])
        else:
            self._json([{"00080018": {"vr": "UI", "Value": [f"1.9.{at}"]}} for at in range(self.server.instances)])

    def _studies(self, query: dict[str, list[str]]) -> None:
        found = self.server.studies
        if wanted := query.get("StudyInstanceUID"):
            found = [one for one in found if one["0020000D"]["Value"] == wanted]
        offset = 0 if "knows no offset" in self.server.ways else int(query["offset"][0])
        limit = 2 if self.server.ways & {"cuts pages", "gives two"} else int(query["limit"][0])
        page = found[offset : offset + limit]
        cut = "cuts pages" in self.server.ways and offset + limit < len(found)
        self._json(page, self.headers_of_cut if cut else {})

    def _json(self, found: list[Any], headers: dict[str, str] | None = None) -> None:
        self._send(200, json.dumps(found).encode(), headers or {})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def odd() -> Iterator[Odd]:
    server = Odd()
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield server
    server.shutdown()
    server.server_close()
    serving.join(10)


@pytest.fixture
def asking(odd: Odd) -> Iterator[Qido]:
    one = Qido(PacsConfig(name="odd", ae_title="ODD", port=1, feed="qido", qido_url=odd.url), page=3)
    yield one
    one.close()


def holds(odd: Odd, count: int) -> list[str]:
    odd.studies = [{"0020000D": {"vr": "UI", "Value": [f"1.2.{at}"]}} for at in range(count)]
    return [f"1.2.{at}" for at in range(count)]


@pytest.mark.parametrize("way", ["", "cuts pages", "gives two", "knows no offset", "refuses fields"])
def test_each_study_comes_once_however_the_server_pages(odd: Odd, asking: Qido, way: str) -> None:
    odd.ways = {way}
    uids = holds(odd, 3 if way == "knows no offset" else 8)
    assert [one.study_instance_uid for one in asking.studies()] == uids
    assert len(odd.asked) < 12


def test_what_comes_behind_a_page_is_asked_for_only_until_longer_ones_were_whole(odd: Odd) -> None:
    one = Qido(PacsConfig(name="odd", ae_title="ODD", port=1, feed="qido", qido_url=odd.url), page=100)
    asked = []
    for count in (7, 3, 5, 9, 8, 0):
        uids = holds(odd, count)
        before = len(odd.asked)
        assert [found.study_instance_uid for found in one.studies()] == uids
        asked.append(len(odd.asked) - before)
    one.close()
    assert asked == [2, 1, 1, 2, 1, 1]


def test_fields_that_were_refused_are_not_asked_for_again(odd: Odd, asking: Qido) -> None:
    odd.ways = {"refuses fields"}
    holds(odd, 1)
    list(asking.studies())
    list(asking.studies())
    assert [("includefield" in path) for path in odd.asked] == [True, False, False]


def test_counts_that_are_not_told_are_counted(odd: Odd, asking: Qido) -> None:
    holds(odd, 1)
    found = asking.study("1.2.0")
    assert found is not None
    assert (found.instances, len(found.series), found.modalities) == (3, 1, ("CT",))


def test_one_uid_under_two_patients_is_said(odd: Odd, asking: Qido) -> None:
    odd.studies = [
        {"0020000D": {"vr": "UI", "Value": ["1.2"]}, "00100020": {"vr": "LO", "Value": [patient]}}
        for patient in ("1", "2")
    ]
    with pytest.raises(ListedTwice):
        asking.study("1.2")


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b""), (500, b"oops"), (200, b"<html>"), (200, b'{"a": 1}'), (200, b"[" * 100_000), (200, b"\xff\xfe")],
)
def test_an_answer_that_is_none_is_trouble_and_never_an_empty_archive(
    odd: Odd, asking: Qido, status: int, body: bytes
) -> None:
    odd.status, odd.body = status, body
    with pytest.raises(PeerTrouble, match="odd"):
        list(asking.studies())
    with pytest.raises(PeerTrouble, match="odd"):
        asking.study("1.2.3")


def test_a_list_that_is_refused_as_too_long_is_told_from_other_trouble(odd: Odd, asking: Qido) -> None:
    odd.status = 413
    with pytest.raises(CutShort, match="odd answered 413"):
        list(asking.studies())


def test_rows_that_are_no_studies_are_passed_over(odd: Odd, asking: Qido) -> None:
    odd.body = json.dumps([None, 1, "x", [], {}, {"0020000D": 3}]).encode()
    assert list(asking.studies()) == []


def test_no_content_is_no_study(odd: Odd, asking: Qido) -> None:
    odd.status = 204
    assert list(asking.studies()) == []
    assert asking.study("1.2.3") is None


def test_orthancs_services_lie_below_its_rest_interface() -> None:
    peer = PacsConfig(name="o", ae_title="O", port=1, profile="orthanc", rest_url="http://o:8042/")
    assert pacs_qido.base_url(peer) == "http://o:8042/dicom-web"
    assert pacs_qido.base_url(peer.model_copy(update={"qido_url": "http://o/rs/"})) == "http://o/rs"
