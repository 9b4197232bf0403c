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
    apart = is_companion(rival) or why_none_of_ours(rival, rules)
    return not apart and not show_different_steps(order, study, rival)


def why_none_of_ours(facts: StudyFacts, rules: OutsideRules) -> str:
    """Why a study is outside (`recon/outside`) whatever names it; "" where that depends on what does."""
    if facts.identity_removed:
        return "its identity was removed (0012,0062): research or teaching"
    listed = {fold(title) for title in rules.ae_titles} - {""}
    titles = (facts.source_ae_title, *(series.station_name for series in facts.series))
    found = next((title for title in titles if fold(title) in listed), "")
    return f"from {found}, which is listed as none of the site's" if found else ""
