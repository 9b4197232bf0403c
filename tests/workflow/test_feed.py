from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from radrecon.model.order import StepStatus
from radrecon.model.study import RequestAttributes
from radrecon.store import listings
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.workflow import feed
from tests.builders import demographics, series, study
from tests.workflow.deliveries import fixes, tells
from tests.workflow.hospital import ARCHIVE, STABLE, Hospital, on_both
from tests.workflow.messages import order, pid

S = StepStatus


@on_both
def test_a_look_tells_new_changed_and_unchanged_studies_apart(hospital: Hospital) -> None:
    assert hospital.looks(study("1"), study("2")) == feed.Seen(new=2)
    assert hospital.looks(study("1"), study("2", description="Abdomen")) == feed.Seen(changed=1, same=1)


def test_only_what_is_new_or_differs_is_worth_a_series_query(hospital: Hospital) -> None:
    hospital.looks(study("1"), study("2"))
    listed = [replace(study(uid), series=()) for uid in ("1", "2", "3")]
    listed[1] = replace(listed[1], instances=9)
    found = feed.compare(hospital.store, "main", listed)
    assert [facts.study_instance_uid for facts in found.fresh] == ["2", "3"]
    assert [facts.study_instance_uid for facts in found.same] == ["1"]


def test_a_look_without_series_keeps_those_that_are_known(hospital: Hospital) -> None:
    hospital.looks(study("1"))
    hospital.looks(replace(study("1"), series=(), description="Abdomen"))
    found = hospital.study("1").facts
    assert (found.description, len(found.series)) == ("Abdomen", 1)


def test_orders_that_headers_named_go_with_the_accession_number_they_were_written_beside(hospital: Hospital) -> None:
    named = (RequestAttributes("A101"),)
    hospital.looks(study(series=(series("1.2.3", requests=named),)))
    hospital.looks(study(description="told by an archive that tells no sequences"))
    assert hospital.study().facts.requests == named
    hospital.looks(study(accession="A102"))
    assert hospital.study().facts.requests == ()


def test_a_study_that_the_archive_has_lost_is_gone_and_its_cases_close(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.looks(study("1", "A777"))
    assert hospital.kinds() == ["unassigned_study"]
    assert feed.missing(hospital.store, "main", [], "") == ["1"]
    hospital.loses("1")
    assert hospital.study("1").gone
    assert hospital.cases() == []
    assert feed.missing(hospital.store, "main", [], "") == []


def test_a_study_that_comes_back_is_judged_again(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.looks(study("1", "A777"))
    hospital.loses("1")
    assert hospital.looks(study("1", "A777")).changed == 1
    assert not hospital.study("1").gone
    assert hospital.kinds() == ["unassigned_study"]


def test_a_changed_accession_number_wakes_the_old_and_the_new(hospital: Hospital) -> None:
    karl = pid("2000002", "BAUER^KARL", "19851224", "M")
    hospital.hears(order("A100"), order("A200", karl))
    hospital.looks(study("1", "A200"))
    assert hospital.kinds() == ["accession_collision", "unassigned_study"]
    hospital.looks(study("1", "A100"))
    assert hospital.cases() == []
    assert hospital.linked("1") == "A100"


def test_a_changed_patient_wakes_the_old_and_the_new(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200", pid("2000002", "BAUER^KARL", "19851224", "M")))
    hospital.looks(study("1", "A100", demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")))
    assert "accession_collision" in hospital.kinds()
    hospital.looks(study("1", "A100"))
    assert hospital.cases() == []
    assert hospital.study("1").person_id == hospital.person("1000001").id


def test_a_study_is_complete_after_a_quiet_time_and_a_second_look(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.looks(study("1"))
    hospital.later(STABLE + 2)
    hospital.reconcile()
    assert not feed.is_complete(hospital.study("1"), hospital.now, STABLE)
    hospital.looks(study("1"))
    assert feed.is_complete(hospital.study("1"), hospital.now, STABLE)
    assert hospital.order("A100").status is S.COMPLETED


def test_a_second_look_before_the_quiet_time_is_over_is_remembered(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.looks(study("1"))
    hospital.looks(study("1"))
    assert hospital.order("A100").status is S.SCHEDULED
    hospital.later(STABLE + 2)
    hospital.reconcile()
    assert hospital.order("A100").status is S.COMPLETED


def test_new_images_restart_the_quiet_time(hospital: Hospital) -> None:
    hospital.sees(study("1"))
    hospital.looks(replace(study("1"), series=(series("1", instances=5),), instances=5))
    found = hospital.study("1")
    assert (found.steady, found.last_changed) == (0, hospital.now)


def test_a_corrected_header_does_not_restart_the_quiet_time(hospital: Hospital) -> None:
    hospital.sees(study("1"))
    before = hospital.study("1")
    hospital.looks(study("1", "A101", demographics("1000001", "FISCHER^ANNE")))
    found = hospital.study("1")
    assert (found.last_changed, found.facts.accession_number) == (before.last_changed, "A101")
    assert feed.is_complete(found, hospital.now, STABLE)


@on_both
def test_a_first_look_without_any_order_is_quiet(hospital: Hospital) -> None:
    many = [study(f"1.{at}", f"X{at % 50}", demographics(str(at), f"NAME{at}^N")) for at in range(1000)]
    assert hospital.looks(*many, baseline=True) == feed.Seen(new=1000)
    assert hospital.looks(*many) == feed.Seen(same=1000)
    hospital.later(3600)
    assert hospital.touched() == []
    assert hospital.cases() == []
    assert not hospital.study("1.1").judged
    assert hospital.study("1.1").not_judged == feed.NO_ORDERS


def test_an_old_study_is_looked_at_when_an_order_shares_its_keys(hospital: Hospital) -> None:
    old = {"performed": "2026-11-21T10:00:00"}
    hospital.looks(study("1", "A100", **old), study("2", "X", demographics("2", "B^C"), **old), baseline=True)
    hospital.hears(order("A100"))
    assert hospital.linked("1") == "A100"
    assert hospital.cases() == []


def test_old_studies_that_share_an_accession_number_are_no_collision(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    karl = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
    old = {"performed": "2015-01-01T10:00:00"}
    hospital.looks(study("1", "A1", **old), study("2", "A1", karl, **old), baseline=True)
    assert hospital.cases() == []


def test_new_studies_of_two_patients_with_one_accession_number_are_a_collision(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    karl = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
    hospital.looks(study("1", "A1"), study("2", "A1", karl))
    assert "accession_collision" in hospital.kinds()


def test_a_study_under_two_patients_is_nobodys_but_not_while_it_is_corrected(hospital: Hospital) -> None:
    told = [study(), study(patient=demographics("200"))]
    assert [facts.patient.patient_id.value for facts in feed.of_several(hospital.store, told)] == [""]
    tells(hospital)
    fixes(hospital)
    assert feed.of_several(hospital.store, told) == []


def test_the_state_of_an_archive_is_noted(hospital: Hospital) -> None:
    feed.note_look(hospital.store, ARCHIVE, up=True, at=hospital.now, baseline_done=True)
    feed.note_look(hospital.store, ARCHIVE, up=False, at=hospital.now, error="refused")
    with hospital.store.reading() as conn:
        (row,) = conn.execute(t.pacs_state.select()).all()
    assert (row.name, row.up, row.last_error, row.baseline_done) == ("main", False, "refused", True)
    assert row.last_success == hospital.now


# -- looks that overlap edits -----------------------------------------------------------------------------------------


@on_both
def test_a_look_that_began_before_a_newer_one_writes_nothing_back(hospital: Hospital) -> None:
    hospital.sees(study("1", description="Thorax"))
    began = hospital.now
    hospital.later(1)
    edited = study("1", description="Abdomen")
    feed.record(hospital.store, "main", [edited], at=hospital.now, baseline=False, stable=STABLE)  # the verifier
    hospital.later(1)
    late = feed.record(
        hospital.store, "main", [study("1")], at=hospital.now, begun=began, baseline=False, stable=STABLE
    )
    assert late == feed.Seen()
    assert hospital.study("1").facts.description == "Abdomen"
    assert feed.vanished(hospital.store, "main", ["1"], at=hospital.now, begun=began) == 0
    assert not hospital.study("1").gone
    hospital.looks(study("1", description="Pelvis"))
    assert hospital.study("1").facts.description == "Pelvis"


@on_both
def test_a_study_that_a_wrong_clock_saw_is_followed_once_the_clock_is_right(hospital: Hospital) -> None:
    then = hospital.now
    hospital.later(30 * 86400)
    hospital.looks(study("1", description="Thorax"))
    hospital.now = then
    hospital.looks(study("1", description="Thorax"))
    hospital.later(STABLE + 1)
    hospital.looks(study("1", description="Thorax"))
    assert feed.is_complete(hospital.study("1"), hospital.now, STABLE)
    hospital.looks(study("1", description="Abdomen"))
    assert hospital.study("1").facts.description == "Abdomen"


def test_a_study_that_a_wrong_clock_saw_and_that_is_gone_is_gone(hospital: Hospital) -> None:
    then = hospital.now
    hospital.later(30 * 86400)
    hospital.looks(study("1"))
    hospital.now = then
    assert feed.vanished(hospital.store, "main", ["1"], at=hospital.now) == 1


# -- prior values -----------------------------------------------------------------------------------------------------


def history(hospital: Hospital, uid: str) -> list[tuple[str, dict[str, object]]]:
    with hospital.store.reading() as conn:
        found = listings.changes_of(conn, hospital.study(uid).id)
    return [(one.event, one.prior) for one in reversed(found)]


@on_both
def test_what_changes_is_kept_as_it_was(hospital: Hospital) -> None:
    hospital.sees(study("1"))
    hospital.looks(study("1", "A101", demographics("1000001", "FISCHER^ANNE")))
    hospital.looks(study("1", "A101", demographics("1000001", "FISCHER^ANNE"), instances=5))
    hospital.loses("1")
    hospital.looks(study("1"))
    assert history(hospital, "1") == [
        ("changed", {"accession_number": "A100", "patient_name": "FISCHER^ANNA"}),
        ("changed", {"instances": 2}),
        ("gone", {"series": 1, "instances": 5}),
        ("back", {"accession_number": "A101", "patient_name": "FISCHER^ANNE"}),
    ]


def test_counts_that_rise_while_a_study_arrives_are_no_history(hospital: Hospital) -> None:
    hospital.looks(study("1"))
    for instances in (5, 9, 20):
        hospital.looks(study("1", instances=instances))
    assert history(hospital, "1") == []


def test_a_list_tells_no_issuer_and_that_is_no_change(hospital: Hospital) -> None:
    hospital.looks(study("1"))
    listed = replace(study("1", patient=demographics("1000001", issuer="")), series=())
    assert [one.patient.patient_id.issuer for one in feed.compare(hospital.store, "main", [listed]).same] == ["HOSP"]
    other = replace(study("1", patient=demographics("7", issuer="")), series=())
    assert feed.compare(hospital.store, "main", [other]).fresh == (other,)


# -- arriving and complete --------------------------------------------------------------------------------------------


def status(hospital: Hospital, uid: str) -> tuple[str, str]:
    with hospital.store.reading() as conn:
        row = listings.study(conn, hospital.study(uid).id)
    return row.status, row.status_since


def test_a_study_says_since_when_it_arrives(hospital: Hospital) -> None:
    hospital.looks(study("1"))
    began = iso(hospital.now)
    hospital.looks(study("1", instances=5))
    assert status(hospital, "1") == ("arriving", began)


def test_a_study_that_was_complete_arrives_anew_and_is_complete_since_its_second_look(hospital: Hospital) -> None:
    hospital.now = datetime.now(UTC) - timedelta(hours=1)  # status goes by the database's clock
    hospital.sees(study("1"))
    second_look = hospital.now - timedelta(seconds=STABLE + 2)
    first_look = second_look - timedelta(seconds=1)
    assert status(hospital, "1") == ("complete", iso(first_look + timedelta(seconds=STABLE)))
    hospital.looks(study("1", instances=5))
    assert status(hospital, "1") == ("arriving", iso(hospital.now))
    hospital.loses("1")
    assert status(hospital, "1") == ("gone", iso(hospital.now))


@on_both
def test_what_has_been_quiet_and_was_seen_once_wants_a_second_look(hospital: Hospital) -> None:
    hospital.looks(study("old"), baseline=True)
    hospital.sees(study("done"))
    hospital.looks(study("new"))
    assert feed.second_looks(hospital.store, "main", hospital.now, STABLE) == []
    hospital.later(STABLE + 1)
    assert feed.second_looks(hospital.store, "main", hospital.now, STABLE) == ["new"]


@on_both
def test_what_a_window_left_out_is_asked_for_the_longest_unseen_first(hospital: Hospital) -> None:
    hospital.looks(study("1", performed="2026-11-20"), study("2", performed="2026-11-21T23:59:59"))
    hospital.looks(study("3", performed="2026-11-22T00:00"), study("4", performed=""))
    hospital.looks(study("1", performed="2026-11-20"))
    store = hospital.store
    assert feed.missing(store, "main", [], "2026-11-20", 20, "2026-11-21") == ["2", "1"]
    assert feed.missing(store, "main", ["2"], "", 20, "2026-11-22") == ["3", "1"]
    assert feed.undated_before(store, "main", hospital.now, 20) == ["4"]
    assert feed.undated_before(store, "main", hospital.now - timedelta(hours=1), 20) == []
