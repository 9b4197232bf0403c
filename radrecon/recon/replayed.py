"""What a replay may not do: an order that has gone on since is not put back on the worklist by its old message."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.order import Order, Step
from radrecon.recon.order_update import OPEN
from radrecon.recon.told import TIMES


def not_reopened(known: Order, merged: Order) -> Order:
    """The updated order, with the states of what had begun or ended where the message would open it again."""
    before = {step.id: step for step in known.steps}
    steps = tuple(_step(before.get(step.id), step) for step in merged.steps)
    if merged.status not in OPEN or known.status in OPEN:
        return replace(merged, steps=steps)
    kept = {name: known.sources[name] for name in TIMES & known.sources.keys()}
    times = {name: getattr(known, name) for name in TIMES}
    return replace(merged, steps=steps, status=known.status, sources=merged.sources | kept, **times)


def _step(before: Step | None, step: Step) -> Step:
    if before is None or step.status not in OPEN or before.status in OPEN:
        return step
    return replace(step, status=before.status)
