"""Which corrections a case allows now, which is proposed, and why another is not: the case page without its window."""

from __future__ import annotations

from radrecon.model.case import CaseKind
from radrecon.model.rows import CaseDetail

VERBS = (("link", "Link to order"), ("fix", "Fix demographics"), ("merge", "Merge patients"))
BY_ITSELF = ("link", "fix")  # a merge is never what is proposed first


def refusal(detail: CaseDetail | None, chosen: int, verb: str) -> str:
    """Why a verb does not apply now; "" if it does. `chosen`: the order whose link is proposed, 0 for none."""
    if detail is None:
        return "not loaded yet"
    if verb == "link" and not chosen:
        return detail.verbs.get("link") or "no order to link to"
    return detail.verbs.get(verb, "does not apply to this kind of case")


def default_verb(detail: CaseDetail | None, chosen: int) -> str:
    """A mismatch is fixed where the link stands, late images get what was decided; else the first that applies."""
    kind = detail.case.kind if detail is not None else ""
    decided = detail.decision if detail is not None and kind == CaseKind.LATE_IMAGES else None
    first = ("fix",) if kind == CaseKind.DEMOGRAPHIC_MISMATCH or (decided and decided.verb == "fix") else ()
    return next((verb for verb in (*first, *BY_ITSELF) if not refusal(detail, chosen, verb)), "")


def no_proposal(detail: CaseDetail, chosen: int, merge_key: str) -> str:
    """Why the preview has nothing to show, and the key that asks for a merge where that is what applies."""
    if not refusal(detail, chosen, "merge"):
        return f"Nothing is proposed here by itself: {merge_key} merges the two patients."
    return f"No correction applies: {refusal(detail, chosen, 'link') or refusal(detail, chosen, 'fix')}"
