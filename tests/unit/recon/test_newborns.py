from __future__ import annotations

import pytest

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.recon.newborns import is_newborn, is_unnamed, may_be_unnamed

SINGLE = (
    "MEYER^BABY BOY", "MEYER^BABYBOYA", "MEYER^Baby", "MEYER^BOY B", "MEYER^GIRL2", "MEYER^BG", "MEYER^BB1", "MEYER^NB",
    "GARCIA^RN", "GARCIA^BEBÉ", "GARCIA^RECIENNACIDO", "MEYER^NEUGEBORENES 2", "MEYER^Säugling", "MEYER^MÄDCHEN",
    "MEYER^ZWILLING B", "ROSSI^NEONATA", "JANSEN^PASGEBORENE", "DUPONT^NOUVEAUNÉ", "SMITH^TWIN A", "SMITH^INFANT GIRL",
    "SMITH, BABY BOY",
)  # fmt: skip
ELSEWHERE = (
    "BABYGIRL^MEYER",
    "BB^SCHMIDT",
    "SMITH^JESSICAS BABY BOY",
    "SHARMA^KUMARI BABY",
    "BABY^ANNA",
    "MEYER^2 BABY",
)
WRITTEN_OTHERWISE = (
    "GARCIA^RECIÉN NACIDO", "DUPONT^NOUVEAU NÉ", "DUPONT^NOUVEAU-NÉE", "MEYER^SAEUGLING", "MEYER^MAEDCHEN",
    "SMITH^NEW BORN", "MEYER^^BABY",
)  # fmt: skip
FAMILIES = ("BOY^ANNA", "BOYA^ANNA", "RECIEN NACIDO^GARCIA", "SAEUGLING^MEYER", "SHARMA^ANITA^BABY")
NONE = (
    "", "^", "MEYER", "MEYER^ANNA", "BABYAK^ANNA", "BOYD^ANNA", "MEYER^BOYD", "SMITH^R N", "SMITH^BARNABY", "LI^BO YA",
    "GIRLING^ANNA", "MEYER^ANNA^B G", "=山田^太郎",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "newborn", "unnamed", "may_be"),
    [
        *((name, True, True, True) for name in SINGLE),
        *((name, True, False, True) for name in ELSEWHERE),
        *((name, False, True, True) for name in WRITTEN_OTHERWISE),
        *((name, False, False, True) for name in FAMILIES),
        *((name, False, False, False) for name in NONE),
    ],
)
def test_a_newborns_word_in_three_readings(name: str, newborn: bool, unnamed: bool, may_be: bool) -> None:
    parsed = PersonName.parse(name)
    assert is_newborn(Demographics(name=parsed)) == newborn
    assert (is_unnamed(parsed), may_be_unnamed(parsed)) == (unnamed, may_be)
