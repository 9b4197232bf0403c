"""Which steps a modality should find on a list: its own and those of the pool, of its modalities, in its window.

The window is the site's wall clock around `now`. A step without a time is in no window: nobody can say where it should
stand.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from radrecon.config import ModalityConfig
from radrecon.model.order import Order, Step, StepStatus

WAITING = (StepStatus.SCHEDULED, StepStatus.ARRIVED)


def window(modality: ModalityConfig, zone: str, now: datetime) -> tuple[str, str]:
    """The modality's window as ISO wall clock, from and to."""
    here = now.astimezone(ZoneInfo(zone))
    begin = here - timedelta(hours=modality.look_back_hours)
    end = here + timedelta(hours=modality.look_ahead_hours)
    return tuple(one.replace(tzinfo=None).isoformat(timespec="seconds") for one in (begin, end))  # type: ignore[return-value]


def in_scope(order: Order, step: Step, modality: ModalityConfig, between: tuple[str, str]) -> bool:
    """Whether a waiting step belongs on this modality's list."""
    return (
        step.status in WAITING
        and str(step.status) in modality.statuses
        and _is_its_station(step, modality)
        and _is_its_place(order, step, modality)
        and _is_its_kind(step, modality)
        and between[0] <= step.start <= between[1]
    )


def _is_its_station(step: Step, modality: ModalityConfig) -> bool:
    if step.station_ae_title:
        return step.station_ae_title == modality.ae_title
    return not (step.station_name and modality.station_names) or step.station_name in modality.station_names


def _is_its_place(order: Order, step: Step, modality: ModalityConfig) -> bool:
    """A step for no station may be another site's: it is judged only where its sender or place says that it is not."""
    located = step.location.casefold() in [one.casefold() for one in modality.locations]
    if step.location and modality.locations and not located:
        return False
    sent = order.sender.casefold() in [one.casefold() for one in modality.senders]
    return bool(step.station_ae_title) or not modality.site or located or sent


def _is_its_kind(step: Step, modality: ModalityConfig) -> bool:
    """A step of the pool that names no modality may be any one's: it is nobody's here."""
    if not modality.modalities:
        return bool(step.station_ae_title)
    return step.modality.upper() in [one.upper() for one in modality.modalities]


def callers_in_scope(
    order: Order, modalities: tuple[ModalityConfig, ...], between: dict[str, tuple[str, str]]
) -> tuple[ModalityConfig, ...]:
    """The modalities on whose list an order belongs; `between`: AE title → window, those without one are left out."""
    return tuple(
        one
        for one in modalities
        if one.ae_title in between and any(in_scope(order, step, one, between[one.ae_title]) for step in order.steps)
    )
