"""Numbers of unknown patients are given out again: whose images an alias under a number that was merged away shows.

Once it is known who somebody is, the alias and the number are free for the next one who comes in without a name. What
is made under them after that may still be of the same person (the modality had not heard of it), or of the next: only
who looks at these very images can say so, and no correction of others takes them along.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from radrecon.model.patient import Demographics
from radrecon.model.person import Watch
from radrecon.model.study import Study
from radrecon.recon.nobody import is_alias
from radrecon.recon.times import DAY_LENGTH, wall


def may_be_the_next(study: Study, retired_at: datetime | None, watch: Watch) -> bool:
    """Whether it names nobody and was made after its number was merged away or changed (`retired_at`)."""
    made = _made_at(study, watch)
    return bool(retired_at and made and made > retired_at and is_alias(study.facts.patient))


def _made_at(study: Study, watch: Watch) -> datetime | None:
    """When it was performed, else when it was first seen."""
    text = study.facts.performed.strip()
    made = wall(text) if len(text) > DAY_LENGTH else None
    return made.replace(tzinfo=ZoneInfo(watch.zone)) if made else study.first_seen


def doubt(study: Study, target: Demographics) -> str:
    """What whoever corrects it has to make sure of."""
    number, name = study.facts.patient.patient_id.value, study.facts.patient.name
    after = f"made as {name} after {number} was merged away or changed"
    return f"{after}: make sure that these images are of {target.name}, not of the next patient"


def left_alone(count: int) -> str:
    stay = "study stays as it is" if count == 1 else "studies stay as they are"
    return f"made under the same alias after its number was merged away, perhaps of the next patient: {count} {stay}"
