"""The figures of the worlds beside their goals."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks._table import row
from benchmarks._world import Group
from benchmarks._world_tally import Tally

COLUMNS = {
    "n": "studies",
    "solved": "linked",
    "partly": "in part",
    "first": "first",
    "among_three": "in three",
    "exact": "set right",
    "unlinked": "not linked",
    "no_order": "no order",
    "false_orphan": "orphan?!",
    "wrong_order": "wrong ord.",
    "wrong_patient": "WRONG PAT.",
    "picked": "as picked",
    "flagged": "flagged",
    "false_alarm": "false alarm",
}
TRACES: dict[tuple[str, ...], str] = {
    ("other_twice", "other_swap", "other_alone"): "of another examination",
    ("same_twice",): "of the same, whose line was used again",
    ("other_twice", "other_swap", "other_alone", "same_twice"): "of both: what leaves a trace",
    ("same_alone",): "of the same, and the other did not come",
    ("same_swap",): "of the same, lines swapped: no trace",
}
"""Wrong picks by what is left of them in the data; the classes are in the table below."""

NOBODYS = (Group.ORPHAN, Group.OUTSIDE)


def safety(sums: Mapping[str, Tally], wanted: Mapping[str, int]) -> None:
    """Wrong-patient links of each part, and what they bound: none in N says less than 3/N with 95 %.

    `wanted`: how many studies the goal speaks of; fewer do not meet it.
    """
    print("\nwrong-patient automatic links, worklist picks apart")
    for what, total in sums.items():
        if total.studies:
            wrong = total.of("wrong_patient")
            bound = f"< {3 / total.studies:.1e}" if not wrong else f"{wrong / total.studies:.1e}"
            many = wanted.get(what, 0)
            goal, met = f"0 of {many:,}" if many else "0", not wrong and total.studies >= many
            row(f"  {what}", f"{wrong}", f"N {total.studies:,}", bound, goal=goal, met=met)
            if total.studies < many:
                print(f"    the rest takes {_hours(total, many):.1f} hours of a core like those before: --full goes on")


def _hours(total: Tally, many: int) -> float:
    """Until there are so many."""
    return (many / total.studies - 1) * (total.seconds + total.making) / 3600


def natural_report(total: Tally) -> None:
    if not total.studies:
        return
    speed("natural world", total)
    clean, linkable = total.of("n", Group.CLEAN), total.of("n", Group.LINKABLE)
    share("clean studies linked by themselves", total.of("solved", Group.CLEAN), clean, 0.995)
    share("linkable exceptions solved by themselves", total.of("solved", Group.LINKABLE), linkable, 0.70)
    share("right order first", total.of("first", Group.LINKABLE), linkable, 0.997)
    share("right order among three", total.of("among_three", Group.LINKABLE), linkable, 0.999)
    _weakest(total)
    _orphans(total)
    share("split sets exactly right", total.of("exact", Group.SPLIT), total.of("n", Group.SPLIT), 0.98)
    share("  of these linked by themselves", total.of("solved", Group.SPLIT), total.of("n", Group.SPLIT))
    per_million = 1e6 * total.of("wrong_order") / total.studies
    row("wrong-order automatic links per million", f"{per_million:.1f}", goal="≤ 5", met=per_million <= 5)
    _picks(total)
    table(total)
    print("\nwhat stood between a study and its order")
    for what, count in total.vetoes.most_common(30):
        print(f"{count:>9,}  {what}")


def speed(what: str, total: Tally) -> None:
    print(f"\n{what}: {total.studies:,} studies; made {total.studies / total.making:,.0f}/s, "
          f"decided {total.studies / total.seconds:,.0f}/s on one core")  # fmt: skip


def share(what: str, part: int, whole: int, goal: float | None = None, *, most: bool = False) -> None:
    if not whole:
        row(what, "none")
        return
    figures = f"{100 * part / whole:.2f} %", f"{part:,}/{whole:,}"
    if goal is None:
        row(what, *figures)
    else:
        met = part <= goal * whole if most else part >= goal * whole
        row(what, *figures, goal=f"{'≤' if most else '≥'} {100 * goal:.4g} %", met=met)


def _weakest(total: Tally) -> None:
    kinds = total.kinds(Group.LINKABLE)
    if kinds:
        weakest = min(kinds, key=lambda kind: total.counts[f"{kind}/among_three"] / total.counts[f"{kind}/n"])
        counts = total.counts[f"{weakest}/among_three"], total.counts[f"{weakest}/n"]
        share(f"  of the weakest class ({weakest})", *counts, 0.99)


def _orphans(total: Tally) -> None:
    right, wrong = total.of("no_order", *NOBODYS), total.of("false_orphan")
    share("orphans: precision", right, right + wrong, 0.999)
    share("orphans: recall", right, total.of("n", *NOBODYS), 0.98)
    share("  of orders never sent", total.of("no_order", Group.ORPHAN), total.of("n", Group.ORPHAN), 0.90)


def _picks(total: Tally) -> None:
    picks = total.of("n", Group.PICK)
    share("wrong worklist picks flagged", total.of("flagged", Group.PICK), picks, 0.85)
    for came, words in TRACES.items():
        kinds = [kind for kind in total.kinds(Group.PICK) if kind.removeprefix("wrong_pick_") in came]
        share(f"  {words}", *(sum(total.counts[f"{kind}/{what}"] for kind in kinds) for what in ("flagged", "n")))
    share("  not linked, so that a person looks", total.of("unlinked", Group.PICK), picks)
    others = total.studies - total.of("n", Group.PICK, Group.TWICE)
    share("  false alarms", total.of("false_alarm"), others, 0.003, most=True)


def enriched_report(total: Tally) -> None:
    """Rates of single classes only: what is rare weighs as much as what is frequent here."""
    if not total.studies:
        return
    speed("rare errors made frequent (no rates of the whole)", total)
    _weakest(total)
    _picks(total)
    share("split sets exactly right", total.of("exact", Group.SPLIT), total.of("n", Group.SPLIT), 0.98)
    share("orders never sent recognised", total.of("no_order", Group.ORPHAN), total.of("n", Group.ORPHAN), 0.90)
    table(total)


def adversarial_report(total: Tally) -> None:
    if total.studies:
        speed("adversarial world", total)
        table(total)


def table(total: Tally) -> None:
    print(f"\n{'class':26}{'group':9}" + "".join(f"{one:>12}" for one in COLUMNS.values()))
    for kind in total.kinds():
        figures = (total.counts[f"{kind}/{what}"] for what in COLUMNS)
        print(f"{kind:26}{total.groups[kind]:9}" + "".join(f"{one or '·':>12}" for one in figures))


def examples(total: Tally, most: int) -> None:
    for what, some in sorted(total.examples.items()):
        print(f"\n-- {what}")
        for text in some[:most]:
            print(f"   {text}")
