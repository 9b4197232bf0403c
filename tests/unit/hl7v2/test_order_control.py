"""Order controls and order statuses."""

from __future__ import annotations

import pytest

from radrecon.hl7v2.order_control import CONTROLS, meaning
from radrecon.model.order import StepStatus

S = StepStatus
AS_IT_WAS = None


@pytest.mark.parametrize(
    ("pairs", "status"),
    [
        ("NW_ NW_SC NW_IP XO_ XO_SC XO_IP SN_ SN_SC NA_ NA_SC SC_SC RO_ CH_ XR_ XX_ RL_ OR_ OE_ OK_SC", S.SCHEDULED),
        ("SC_IP SR_IP RE_IP", S.STARTED),
        ("XO_CM SC_CM SC_A NW_CM NW_A RE_CM RE_A SR_CM", S.COMPLETED),
        (
            "CA_CA CA_ OC_CA OC_ CR_CA CR_ CP_ SC_CA XO_CA NW_CA SN_CA CA_SC CA_IP CA_CANCELED CA_HD SC_RP RQ_ RU_RP",
            S.CANCELLED,
        ),
        ("DC_CA DC_DC DC_ DC_IP DC_SC OD_DC OD_ DR_ SC_DC XO_DC", S.DISCONTINUED),
        ("HD_ HD_HD HD_SC HD_IP HR_ OH_ SC_HD NW_HD XO_HD", S.HELD),
        (
            "SC_ SR_ OK_ RE_ PA_ UA_ UC_CA UD_ UX_ UH_ UM_ UR_ DE_ SC_ER NW_ER CA_ER ZZ_ _ _SC NW_ZZ CA_CM DC_A",
            AS_IT_WAS,
        ),
    ],
)
def test_a_pair_says_where_the_order_stands(pairs: str, status: StepStatus | None) -> None:
    for pair in pairs.split():
        control, order_status = pair.split("_")
        assert meaning(control, order_status).status is status, pair
        assert meaning(control.lower(), order_status.lower()) == meaning(control, order_status)


@pytest.mark.parametrize(
    ("pairs", "flag"),
    [
        ("ZZ_ ZZ_SC _ _SC NW_ZZ SC_ZZ CA_CM DC_A HD_CM HD_CA PR_", "unknown_control"),
        ("SC_ SR_", "status_not_stated"),
        ("UA_ UC_CA UD_DC UX_ UH_ UM_ UR_", "unable"),
        ("DE_ SC_ER NW_ER XO_ER CA_ER", "order_error"),
        ("RQ_ RU_ RQ_RP RU_RP SC_RP", "replaced"),
    ],
)
def test_what_a_person_should_see_is_flagged(pairs: str, flag: str) -> None:
    for pair in pairs.split():
        assert meaning(*pair.split("_")).flags == (flag,), pair


def test_what_the_tables_know_is_not_flagged_as_unknown() -> None:
    for control, statuses in CONTROLS.items():
        for order_status in statuses:
            assert "unknown_control" not in meaning(control, order_status).flags


@pytest.mark.parametrize(
    ("result", "status"),
    [("S", S.SCHEDULED), ("O", S.SCHEDULED), ("I", S.STARTED), ("F", S.COMPLETED), ("P", S.COMPLETED),
     ("X", S.CANCELLED), ("?", None)],
)  # fmt: skip
def test_a_status_change_without_an_order_status_is_told_by_the_result_status(
    result: str, status: StepStatus | None
) -> None:
    assert meaning("SC", "", result).status is status
    assert meaning("NW", "", result).status is S.SCHEDULED


def test_a_request_to_replace_is_granted_by_the_replacement_that_comes_along() -> None:
    assert meaning("RP", "", replaced_here=True).status is S.CANCELLED
    assert meaning("RP", "").status is None
    assert meaning("RP", "").flags == ("replacement_missing",)
