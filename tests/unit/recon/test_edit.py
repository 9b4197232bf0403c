from __future__ import annotations

import pytest

from radrecon.config import PacsConfig
from radrecon.model.errors import Refused
from radrecon.model.patient import PatientId
from radrecon.recon.edit import (
    StudyContext,
    identity_edits,
    identity_values,
    needed_values,
    patient_key,
    refuse_other_person,
    refuse_profile,
    study_key,
    study_keys,
)

from .people import ANNA, PACS, WATCH, facts, person, study, who

STRANGER = who("9999999", "SCHULZ^BERTA", "1971-01-02")


def test_what_the_owner_does_not_know_never_blanks_the_images() -> None:
    values = identity_values(who(birth="", sex=""), ANNA, WATCH)
    assert set(values) == {"PatientID", "PatientName"}


def test_somebody_elses_identity_is_replaced_whole() -> None:
    values = identity_values(who(sex=""), STRANGER, WATCH)
    assert values["PatientSex"] == ""
    assert values["PatientBirthDate"] == "19600517"


def test_ideographs_stay_while_the_name_they_spell_stays() -> None:
    images = who(name="YAMADA^TARO=山田^太郎")
    assert identity_values(who(name="Yamada^Taro"), images, WATCH)["PatientName"] == "Yamada^Taro=山田^太郎"
    assert identity_values(who(name="SUZUKI^TARO"), images, WATCH)["PatientName"] == "SUZUKI^TARO"


def test_an_issuer_alone_asks_for_no_edit() -> None:
    assert needed_values(identity_values(who(issuer="HIS"), ANNA, WATCH), facts()) == {}


def test_keys_hold_old_and_new_patient_and_the_study() -> None:
    assert study_keys(facts(), PatientId("5", "HIS"), WATCH) == ("patient:4711001^^^", "patient:5^^^HIS", "study:1.2.3")
    assert study_keys(facts(), ANNA.patient_id, WATCH) == ("patient:4711001^^^", study_key("1.2.3"))
    assert patient_key(PatientId(""), WATCH) == "patient:^^^"


def test_a_profile_without_editing_in_place_is_refused() -> None:
    with pytest.raises(Refused, match="iocm"):
        refuse_profile(PacsConfig(name="P", ae_title="P", port=1, profile="iocm"))


def test_another_known_persons_images_are_refused_as_a_move() -> None:
    with pytest.raises(Refused, match="move"):
        refuse_other_person(StudyContext(study(), facts(), person(2, STRANGER)), person())
    refuse_other_person(StudyContext(study(), facts(), person(2, STRANGER, merged_into=1)), person())
    refuse_other_person(StudyContext(study(), facts()), person())


def test_only_studies_that_differ_are_edited() -> None:
    renamed = person(patient=who(name="SCHULZ^ANNA"))
    same = StudyContext(study(), facts(patient=who(name="SCHULZ^ANNA")))
    gone = StudyContext(study(gone=True), facts())
    differs = StudyContext(study(), facts())
    touched, deliveries, _ = identity_edits([same, gone, differs], renamed, {"PACS": PACS}, WATCH)
    assert touched == [differs]
    assert deliveries[0].expect == {
        "1.2.3": {
            "PatientID": "4711001",
            "PatientName": "SCHULZ^ANNA",
            "PatientBirthDate": "19600517",
            "PatientSex": "F",
        }
    }


def test_a_pacs_that_is_not_configured_any_more_is_said_so() -> None:
    with pytest.raises(Refused, match="not configured"):
        identity_edits([StudyContext(study(), facts())], person(patient=who(name="X^Y")), {}, WATCH)


def test_a_pacs_that_updates_itself_gets_no_edit() -> None:
    pacs = PacsConfig(name="PACS", ae_title="P", port=1, profile="hl7")
    touched, deliveries, warnings = identity_edits(
        [StudyContext(study(), facts())], person(patient=who(name="X^Y")), {"PACS": pacs}, WATCH
    )
    assert (len(touched), deliveries) == (1, ())
    assert any("itself" in warning for warning in warnings)
