"""Whether a study takes an order from another one that it names as well: two studies of one order are a slip somewhere.

What is made of its images (SR, KO, PR …) takes none, nor does what is none of the site's (a copy that research or
teleradiology sends back under the same numbers), nor do images of the order's other steps.
"""

from __future__ import annotations

from radrecon.model.order import Order
from radrecon.model.person import OutsideRules
from radrecon.model.study import StudyFacts
from radrecon.recon.follow import is_companion
from radrecon.recon.normalise import fold
from radrecon.recon.step_images import show_different_steps


def takes(rival: StudyFacts, order: Order, study: StudyFacts, rules: OutsideRules) -> bool:
    apart = is_companion(rival) or is_none_of_ours(rival, rules)
    return not apart and not show_different_steps(order, study, rival)


def is_none_of_ours(facts: StudyFacts, rules: OutsideRules) -> bool:
    """Whatever names it, it is outside (`recon/outside`)."""
    listed = {fold(title) for title in rules.ae_titles} - {""}
    titles = {fold(title) for title in (facts.source_ae_title, *(one.station_name for one in facts.series))}
    return facts.identity_removed or bool(listed & titles)
