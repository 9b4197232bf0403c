"""Two sites deal out the same patient numbers: who made the images says whose it is."""

from __future__ import annotations

from radrecon.config import ModalityConfig
from radrecon.model.crosswalk import Issuers
from radrecon.model.study import StudyFacts
from radrecon.store import settings, studies
from radrecon.workflow import feed, reconcile, ruling
from radrecon.workflow.crosswalk import import_text
from radrecon.workflow.neighbourhood import load_neighbourhood
from tests.builders import demographics, series, study
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import order, pid

KARL = demographics(name="WEBER^KARL", issuer="", birth_date="1941-02-03", sex="M")


def two_sites(hospital: Hospital, *modalities: ModalityConfig) -> None:
    """Anna's number in the one is Karl's in the other; a patient id alone may link."""
    hospital.configure(CONFIG.model_copy(update={"modality": list(modalities)}))
    ruling.set_state(hospital.store, "link_by_patient_id", "on", who="ann", reason="tried", now=hospital.now)
    hospital.hears_an_early_order()
    hospital.hears(order("A100"), order("B200", pid(name="WEBER^KARL", born="19410203", sex="M", issuer="SOUTH")))


def at_south(ae_title: str = "CT9", issuer: str = "SOUTH") -> ModalityConfig:
    return ModalityConfig(ae_title=ae_title, image_stations=["SOMATOM9"], patient_id_issuer=issuer)


def images_of_karl(station: str = "SOMATOM9") -> StudyFacts:
    return study(accession="", patient=KARL, series=(series("1.2.3", station_name=station),))


@on_both
def test_images_without_issuer_and_accession_find_their_order_by_the_modality_that_made_them(
    hospital: Hospital,
) -> None:
    two_sites(hospital, at_south())
    hospital.sees(images_of_karl())
    assert hospital.linked() == "B200"
    assert hospital.study().person_id == hospital.person(issuer="SOUTH").id
    assert hospital.study().facts.patient.patient_id.issuer == "", "what the PACS holds stays as it is"
    hospital.recheck()
    assert hospital.linked() == "B200"


@on_both
def test_what_nobody_has_said_or_two_have_said_links_nothing(hospital: Hospital) -> None:
    two_sites(hospital, at_south(), at_south("CT8", "HOSP"))
    hospital.sees(images_of_karl())
    assert hospital.linked() == ""
    assert "more than one person" in " ".join(hospital.case().finding.candidates[0].vetoes)
    hospital.looks(images_of_karl("PORTABLE"))
    assert hospital.linked() == ""


@on_both
def test_the_case_says_by_which_station(hospital: Hospital) -> None:
    two_sites(hospital, at_south())
    hospital.sees(study(accession="", patient=demographics(name="WEBER^KARLA", issuer="", birth_date="1941-02-03"),
                        series=(series("1.2.3", station_name="CT9"),)))  # fmt: skip
    texts = [one.text for each in hospital.case().finding.candidates for one in each.reasons]
    assert any(text.endswith("issuer SOUTH by station CT9") for text in texts)


@on_both
def test_a_number_that_the_stations_issuer_never_gave_is_read_as_before(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"modality": [at_south()]}))
    hospital.hears(order("A100"))
    hospital.sees(study(patient=demographics(issuer=""), series=(series("1.2.3", station_name="CT9"),)))
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        (known,) = studies.load_many(conn, [hospital.study().id])
        assert load_neighbourhood(conn, known, watch=watch).study.inferred_issuer == ""


@on_both
def test_the_feed_reads_a_number_as_the_reconciler_does(hospital: Hospital) -> None:
    two_sites(hospital, at_south())
    feed.record(hospital.store, "main", [images_of_karl()], at=hospital.now, baseline=False, stable=60.0)
    south = hospital.person(issuer="SOUTH").id
    assert hospital.study().person_id == south
    hospital.later(1)
    late = study(accession="", patient=KARL, description="more", series=images_of_karl().series, instances=9)
    feed.record(hospital.store, "main", [late], at=hospital.now, baseline=False, stable=60.0)
    assert (hospital.study().person_id, hospital.study().facts.instances) == (south, 9)


def of_the_replaced_system(hospital: Hospital, *others: bytes) -> None:
    """Anna has her old number still; her CT sends it, and no issuer."""
    hospital.hears_an_early_order()
    hospital.hears(order("A100"), *others)
    hospital.later(1)
    text = "legacy_patient_id,legacy_issuer,patient_id,issuer\n0073000001,OLDRIS,1000001,HOSP\n"
    import_text(hospital.store, text, Issuers("OLDRIS", "HOSP"), source="old.csv", who="ann", at=hospital.now)
    hospital.sees(study(patient=demographics("0073000001", issuer="")))


@on_both
def test_a_number_of_a_replaced_system_is_read_as_its_own_and_is_no_mismatch(hospital: Hospital) -> None:
    of_the_replaced_system(hospital)
    assert (hospital.linked(), hospital.kinds()) == ("A100", [])
    assert hospital.study().person_id == hospital.person().id
    assert hospital.study().facts.patient.patient_id.issuer == ""
    hospital.recheck()
    assert hospital.linked() == "A100"


@on_both
def test_but_not_where_the_site_itself_has_given_that_number_to_somebody(hospital: Hospital) -> None:
    of_the_replaced_system(hospital, order("B200", pid("73000001", "WEBER^KARL", "19410203", "M")))
    assert hospital.linked() == ""
    assert hospital.kinds() == ["unassigned_study"]


@on_both
def test_nor_where_the_station_is_known_to_send_the_others_numbers(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"modality": [at_south()]}))
    karl = pid("73000001", "WEBER^KARL", "19410203", "M", "SOUTH")
    of_the_replaced_system(hospital, order("B200", karl))
    hospital.looks(study("1.2.4", patient=demographics("0073000001", issuer=""), series=images_of_karl().series))
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        assert load_neighbourhood(conn, hospital.study("1.2.4"), watch=watch).study.inferred_issuer == "SOUTH"


@on_both
def test_and_no_longer_once_it_has(hospital: Hospital) -> None:
    of_the_replaced_system(hospital)
    assert hospital.linked() == "A100"
    hospital.hears(order("B200", pid("73000001", "WEBER^KARL", "19410203", "M")))
    assert hospital.linked() == ""
    assert hospital.kinds() == ["unassigned_study"]
