"""PID-6, 11, 13, 14, 19 as senders write them."""

from __future__ import annotations

import pytest

from radrecon.hl7v2.particulars import confidential, particulars
from radrecon.hl7v2.reader import Message
from radrecon.model.duplicate import Particulars

MSH = "MSH|^~\\&|HIS|HOSP|RADRECON||20261122140000||ADT^A04|1|P|2.5.1"


def message(pid: str, *more: str) -> Message:
    return Message.parse("\r".join((MSH, pid, *more)).encode())


def pid(**fields: str) -> str:
    texts = [""] * 31
    for name, value in fields.items():
        texts[int(name.removeprefix("f"))] = value
    return "|".join(["PID", *texts[1:]])


def test_all_of_it_is_read() -> None:
    found = particulars(
        message(
            pid(
                f3="1^^^HOSP",
                f6="MEIER^EVA",
                f11="12 High Street^The Willows^Hamburg^HH^20095^DEU^H",
                f13="(040)123-4567^PRN^PH~a@b.de^NET^Internet",
                f14="^WPN^PH^^^040^7654321",
                f19="412-55-9031",
            )
        )
    )
    assert found == Particulars(
        "12 High Street", "The Willows", "Hamburg", "HH", "20095", ("(040)123-4567", "0407654321"), "412-55-9031",
        "MEIER^EVA",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("Work Road 1^^^^^^B~Home Road 2^^^^^^H", "Home Road 2"),
        ("x&High Street&12", "12 High Street"),
        ("High Street 12&High Street", "High Street 12"),
        ('""', ""),
        ("", ""),
    ],
)
def test_where_they_live(address: str, street: str) -> None:
    assert particulars(message(pid(f11=address))).street == street


def test_a_national_number_among_the_identifiers() -> None:
    assert particulars(message(pid(f3="1^^^HOSP^MR~412559031^^^USA^SS"))).national_id == "412559031"


def test_what_says_nothing_is_empty() -> None:
    assert not particulars(message("EVN|A04"))
    assert not particulars(message(pid(f11='""', f13='""', f19='""', f6='""')))


def test_confidential_by_visit_or_by_patient() -> None:
    assert confidential(message(pid(), "PV1|1|O" + "|" * 14 + "V"))
    assert confidential(message(pid(), "PD1|" + "|" * 11 + "Y"))
    assert confidential(message(pid(), "PV1|1|O" + "|" * 14 + "N")) is False
    assert confidential(message(pid(), "PV1|1|O", "PD1|1")) is None
    assert confidential(message(pid())) is None
