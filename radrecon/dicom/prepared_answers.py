"""Answers that were encoded before: the same question for the same step is a look-up.

The console of a modality asks the same minute by minute. What was made from an order and a step counts only for these
very objects: after any change they are others, so that nothing has to be told here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

from radrecon.dicom.elements import Element
from radrecon.model.order import Order, Step

MOST = 4096
LONGEST = 4 << 10
"""Bytes of an answer that is worth keeping."""


class PreparedAnswers:
    """At most `most` answers; those asked for longest ago go first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[tuple[Hashable, int], tuple[Order, Step, bytes]] = OrderedDict()

    def of(self, question: Hashable, order: Order, step: Step, make: Callable[[], bytes]) -> bytes:
        """`question`: everything besides the order and the step that an answer depends on."""
        key = question, step.id
        held = self._held.get(key)
        if held is not None and held[0] is order and held[1] is step:
            self._held.move_to_end(key)
            return held[2]
        made = make()
        if len(made) <= LONGEST:
            self._held[key] = order, step, made
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return made


def shape(asked: Mapping[int, Element]) -> tuple[Hashable, ...]:
    """Which attributes an identifier asks for, those of its sequences' items included."""
    return tuple((tag, *map(shape, element.items)) if element.items else tag for tag, element in asked.items())
