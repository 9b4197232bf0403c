"""What happens to one patient, scenario by scenario: the clean ones as IHE SWF.b has them, then each fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.sim.acquisition import own_uid
from radrecon.sim.exams import Exam
from radrecon.sim.faults import (
    Scenario,
    changed_by_registration,
    misspelt,
    overlaid,
    temporary,
    transposed,
    typed_by_hand,
)
from radrecon.sim.images import Acquired
from radrecon.sim.ris_messages import CANCEL
from radrecon.sim.ward import Ward


async def play(scenario: Scenario, ward: Ward) -> None:
    """One visit, from registration to the end. Raises Closing or PeerTrouble when it has to end early."""
    ward.tally.visits[scenario.value] += 1
    await PLAYS[scenario](ward, next(ward.people))


async def clean(ward: Ward, patient: Demographics) -> None:
    exam = await _ordered(ward, patient)
    await ward.rest(2)
    await ward.perform(await ward.picked(exam))
    await ward.rest(3)
    await ward.finish(exam)


async def booked(ward: Ward, patient: Demographics) -> None:
    """An outpatient of later today or tomorrow: no images yet."""
    await ward.register(patient)
    exam = ward.book(patient)
    await ward.order(replace(exam, start=exam.start + timedelta(minutes=ward.rng.randrange(30, 1800, 15))))


async def cancelled(ward: Ward, patient: Demographics) -> None:
    exam = await _ordered(ward, patient)
    await ward.rest(5)
    await ward.order(exam, CANCEL)


async def updated_in_time(ward: Ward, patient: Demographics) -> None:
    """A08 before the exam: the worklist already has the new identity."""
    exam = await _ordered(ward, patient)
    corrected = changed_by_registration(patient, ward.rng)
    await ward.update(corrected)
    exam = replace(exam, patient=corrected)
    await ward.rest(2)
    await ward.store(await ward.picked(exam))
    await ward.rest(3)
    await ward.finish(exam)


async def accession_missing(ward: Ward, patient: Demographics) -> None:
    exam, study = await _console(ward, patient)
    await _store_fault(ward, Scenario.ACCESSION_MISSING, exam, replace(_unpicked(exam, study), accession_number=""))


async def accession_mistyped(ward: Ward, patient: Demographics) -> None:
    exam, study = await _console(ward, patient)
    wrong = transposed(exam.accession_number, ward.rng)
    await _store_fault(ward, Scenario.ACCESSION_MISTYPED, exam, replace(_unpicked(exam, study), accession_number=wrong))


async def name_typo(ward: Ward, patient: Demographics) -> None:
    exam, study = await _console(ward, patient)
    name = misspelt(PersonName.parse(study.patient_name), ward.rng)
    await _store_fault(ward, Scenario.NAME_TYPO, exam, replace(study, patient_name=str(name)))


async def manual_entry(ward: Ward, patient: Demographics) -> None:
    exam = await _ordered(ward, patient)
    await ward.rest(2)
    await _store_fault(ward, Scenario.MANUAL_ENTRY, exam, typed_by_hand(ward.typed(exam), ward.rng))


async def accession_collision(ward: Ward, patient: Demographics) -> None:
    """A counter was reset: two orders of two people share an accession number, and both are performed."""
    first = await _ordered(ward, patient)
    second = ward.book(next(ward.people))
    second = replace(second, accession_number=first.accession_number)
    await ward.register(second.patient)
    await ward.order(second)
    ward.inject(Scenario.ACCESSION_COLLISION, second)
    for exam in (first, second):
        await ward.rest(2)
        await ward.store(await ward.picked(exam))


async def order_lost(ward: Ward, patient: Demographics) -> None:
    """Registered, and the operator has the paper form; the order message itself never comes."""
    await ward.register(patient)
    exam = ward.book(patient)
    await ward.rest(2)
    await _store_fault(ward, Scenario.ORDER_LOST, exam, ward.typed(exam))


async def update_not_routed(ward: Ward, patient: Demographics) -> None:
    """The name or birth date is corrected after the images, and nobody tells the PACS."""
    exam, study = await _console(ward, patient)
    await ward.store(study)
    await ward.rest(5)
    await ward.update(changed_by_registration(patient, ward.rng))
    ward.inject(Scenario.UPDATE_NOT_ROUTED, exam, study)


async def merge_after_images(ward: Ward, patient: Demographics) -> None:
    """IHE PIR: an unknown patient is imaged under a temporary number, then turns out to be somebody."""
    unknown = temporary(ward.temporary_id(), patient.sex)
    exam, study = await _console(ward, unknown)
    await ward.store(study)
    await ward.rest(5)
    await ward.register(patient)
    await ward.send(ward.scribe.merge(patient, unknown, ward.now()))
    ward.inject(Scenario.MERGE_AFTER_IMAGES, exam, study)


async def registered_twice(ward: Ward, patient: Demographics) -> None:
    """One person, two numbers: the order on one, the images on the other. Only a merge mends it."""
    again = ward.same_person_again(patient)
    await ward.register(patient)
    exam, study = await _console(ward, again)
    study = replace(_unpicked(exam, study), patient_id=patient.patient_id.value)
    await _store_fault(ward, Scenario.REGISTERED_TWICE, exam, study)


async def overlay(ward: Ward, patient: Demographics) -> None:
    """A new person is typed over the number of one who has images."""
    exam, study = await _console(ward, patient)
    await ward.store(study)
    await ward.rest(5)
    await ward.update(overlaid(patient, next(ward.people)))
    ward.inject(Scenario.OVERLAY, exam, study)


async def unregistered(ward: Ward, patient: Demographics) -> None:
    """Images of somebody of whom neither registration nor an order has ever said a word."""
    exam = ward.book(patient)
    study = replace(ward.typed(exam), accession_number="")
    await _store_fault(ward, Scenario.UNREGISTERED, exam, study)


PLAYS: dict[Scenario, Callable[[Ward, Demographics], Awaitable[None]]] = {
    Scenario.CLEAN: clean,
    Scenario.BOOKED: booked,
    Scenario.CANCELLED: cancelled,
    Scenario.UPDATED_IN_TIME: updated_in_time,
    Scenario.ACCESSION_MISSING: accession_missing,
    Scenario.ACCESSION_MISTYPED: accession_mistyped,
    Scenario.NAME_TYPO: name_typo,
    Scenario.MANUAL_ENTRY: manual_entry,
    Scenario.ACCESSION_COLLISION: accession_collision,
    Scenario.ORDER_LOST: order_lost,
    Scenario.UPDATE_NOT_ROUTED: update_not_routed,
    Scenario.MERGE_AFTER_IMAGES: merge_after_images,
    Scenario.REGISTERED_TWICE: registered_twice,
    Scenario.OVERLAY: overlay,
    Scenario.UNREGISTERED: unregistered,
}


async def _ordered(ward: Ward, patient: Demographics) -> Exam:
    """Registered and ordered for about now."""
    exam = ward.book(patient)
    await ward.register(patient)
    await ward.order(exam)
    return exam


async def _console(ward: Ward, patient: Demographics) -> tuple[Exam, Acquired]:
    """Registered, ordered, arrived, picked from the worklist: ready to be scanned."""
    exam = await _ordered(ward, patient)
    await ward.rest(2)
    return exam, await ward.picked(exam)


def _unpicked(exam: Exam, study: Acquired) -> Acquired:
    """The patient was taken from the list, but the exam was started as an unscheduled one."""
    return replace(study, study_instance_uid=own_uid(exam), request=None)


async def _store_fault(ward: Ward, scenario: Scenario, exam: Exam, study: Acquired) -> None:
    await ward.store(study)
    ward.inject(scenario, exam, study)
