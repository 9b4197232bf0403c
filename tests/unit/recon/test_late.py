from __future__ import annotations

from radrecon.model.case import CaseKind
from radrecon.model.correction import IndexChange, Plan, Verb
from radrecon.model.decision import Scope
from radrecon.recon.decisions import Ruling
from radrecon.recon.late import late_finding, of_another_study, words
from radrecon.recon.need import HL7Need
from tests.unit.recon.people import ANNA, WATCH, person, study
from tests.unit.recon.test_decisions import ACCESSION, decision


def cause(ruling: Ruling, held: str = "") -> str:
    found = late_finding(study("X777"), ruling, {1: person()}, (), held, WATCH)
    assert found is not None
    assert found.kind is CaseKind.LATE_IMAGES
    return found.cause


def test_who_decided_when_by_what_in_the_sites_time() -> None:
    assert words(decision(), WATCH) == "the decision of ann at 2026-11-22 15:05 (correction 4)"
    assert words(decision(correction_id=0), WATCH).endswith("(case 3)")


def test_what_is_late_in_words() -> None:
    assert cause(Ruling(decision(), late=ACCESSION)).endswith("say the former accession number again")
    assert "2 images came after it" in cause(Ruling(decision(), unseen=2))
    assert cause(Ruling(decision(Scope.ACCESSION)), "rule x is off").endswith("station and day; rule x is off")


def test_nothing_is_made_of_a_decision_that_is_not_followed_or_asks_for_nothing() -> None:
    for ruling in (
        None,
        Ruling(decision(), "why not", late=ACCESSION),
        Ruling(decision()),
        Ruling(decision(Scope.PATIENT)),
    ):
        assert late_finding(study(), ruling, {1: person()}, (), "", WATCH) is None


def test_the_evidence_names_the_decision_and_no_clock() -> None:
    found = late_finding(study("X777"), Ruling(decision(), late=ACCESSION), {1: person()}, (), "", WATCH)
    assert found is not None
    assert found.evidence["decision"] == {"id": 17, "verb": "link", "scope": "study", "against": ""}
    assert found.evidence["late"] == [["AccessionNumber", "X777", "A1042"]]


def test_a_second_study_takes_no_uid_from_the_order_and_tells_nobody() -> None:
    changes = (IndexChange("link", "", {}), IndexChange("take_uid", "", {}))
    plan, needs = of_another_study((Plan(Verb.LINK, 3, "", index_changes=changes), (HL7Need("O01", ANNA),)))
    assert [change.action for change in plan.index_changes] == ["link"]
    assert "already has images" in plan.warnings[-1]
    assert needs == ()
