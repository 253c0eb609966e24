"""Tables as text: drawn with lines on a terminal, plain columns that are never cut elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from cjsim.experiment.manifest_schema import Manifest
from cjsim.experiment.results import Results, compare
from cjsim.formatting.numbers import NOTHING, number, span
from cjsim.formatting.tables import text_table
from cjsim.measures.comparison import NONE_SEEN, WHOLE
from cjsim.measures.intervals import FEWEST_DIFFERING, most_unseen
from cjsim.storage.plain import PlainRow


def comparison_text(
    results: Results, *, baseline: str | None = None, everything: bool = False
) -> str:
    """The paired differences of a run: the watched measures, or every one. Raises Faults."""
    baseline = baseline or results.scenarios[0]
    rows = _in_order(compare(results, baseline).to_pylist(), results.scenarios)
    by_area = areas_text(results, baseline) if results.by_area is not None else ""
    if not rows:
        return by_area or "There is only the baseline: nothing to compare."
    shown = rows if everything else _watched(rows, results.watched)
    metadata = results.metadata
    several = len(results.scenarios) > 2
    headings = (
        "measure",
        "court",
        "group",
        "scenario",
        "baseline",
        "value",
        "difference",
        "95 % interval",
        "differ",
        "per cent",
        "verdict",
        *(("best in",) if several else ()),
    )
    lines = [_comparison_row(row) + ((_best(row),) if several else ()) for row in shown]
    count = metadata.replications
    paired = "1 replication" if count == 1 else f"{count} paired replications"
    where = f" in {results.place}" if results.place else ""
    heading = (
        f"{metadata.experiment.title}: each scenario against "
        f"{metadata.labels[baseline]!r}{where}, {paired}, {metadata.period}"
    )
    text = [
        *([by_area, ""] if by_area else []),
        heading,
        "",
        text_table(headings, lines, numbers={4, 5, 6, 7, 8, 9, 11}),
    ]
    if several:
        count = len(results.scenarios) - 1
        text.append(
            f"\n{count} scenarios are held against one: each measure's intervals are widened for "
            "that (Holm), so that its verdicts hold together. Best in: the share of replications "
            "in which the scenario did best of all."
        )
    text += _chance_lines(shown, everything=everything)
    text += _precision_lines(metadata)
    text += _outcome_lines(metadata, {row["kpi"] for row in shown})
    text += [f"Note: {notice}" for notice in metadata.notices]
    if len(shown) < len(rows):
        text += ["", f"{len(shown)} of {len(rows)} comparisons shown: --all shows them all."]
    return "\n".join(text)


def _chance_lines(shown: Sequence[PlainRow], *, everything: bool) -> list[str]:
    """What chance allows to be said of the differences shown, and what it does not."""
    lines = []
    counts = {row["n"] for row in shown}
    if counts and max(counts) < FEWEST_DIFFERING:
        lines.append(
            f"With fewer than {FEWEST_DIFFERING} replications no difference can be told from "
            "chance yet: ask for more --replications."
        )
    unseen = {row["n"] for row in shown if row["verdict"] == NONE_SEEN}
    if unseen:
        fewest = min(unseen)
        lines.append(
            f"No difference seen: none of {fewest} replications differs, so that at most "
            f"{100 * most_unseen(fewest):.0f} % of all would (95 %); by how much is not known."
            if fewest > 1
            else "No difference seen: one replication says nothing about others."
        )
    if any(row["low"] is None and row["n"] == row["differed"] > 1 for row in shown):
        lines.append(
            "A difference without an interval is the same in every replication: what another one "
            "would do was not seen."
        )
    if everything:
        lines.append(
            f"{len(shown):,} comparisons are shown, and nothing is adjusted for so many measures: "
            "of those without any difference about one in twenty looks clear by chance."
        )
    return ["", *lines] if lines else []


def areas_text(results: Results, scenario: str) -> str:
    """What the watched measures are in each area, and in all of them together."""
    tables = [(title, results.measures_of_area(area)) for area, title in results.areas.items()]
    tables.append(("All of them", results.measures))
    sums = [group for group in WHOLE if group != "mean"]
    wanted = {
        key
        for _, table in tables
        for key in table.keys_of(scenario)
        if key.court == "all" and key.group in sums and key.kpi in results.watched
    }
    keys = sorted(wanted, key=lambda key: (results.watched.index(key.kpi), key.group))
    units = {kpi: unit for _, table in tables for kpi, unit in table.units.items()}
    rows = [
        (title, *(number(table.mean(scenario, key), units[key.kpi]) for key in keys))
        for title, table in tables
    ]
    metadata = results.metadata
    count, label = metadata.replications, metadata.labels[scenario]
    heading = (
        f"{metadata.experiment.title}: {len(results.areas)} areas, {label!r}, "
        f"{'1 replication' if count == 1 else f'{count} replications'}, {metadata.period}"
    )
    headings = ("area", *(f"{key.kpi} {key.group}".strip() for key in keys))
    table = text_table(headings, rows, numbers=set(range(1, len(headings))))
    return "\n".join([heading, "", table, "A median, a share or a rate has no total over areas."])


def _in_order(rows: list[PlainRow], scenarios: list[str]) -> list[PlainRow]:
    """By measure, court and group, so that the scenarios stand below each other."""
    place = {name: number for number, name in enumerate(scenarios)}
    return sorted(
        rows, key=lambda row: (row["kpi"], row["court"], row["group"], place[row["scenario"]])
    )


def _watched(rows: list[PlainRow], watched: list[str]) -> list[PlainRow]:
    """The rows of the watched measures, in that order: both courts together, groups together.

    A measure that has no such value (a mean, a median and a p90; one for each court) shows those it
    has. Cost is shown by agency, for who pays and who saves is what is asked of it.
    """
    shown = []
    for kpi in watched or sorted({row["kpi"] for row in rows}):
        of_kpi = [row for row in rows if row["kpi"] == kpi and ":" not in row["group"]]
        together = [row for row in of_kpi if row["court"] == "all"] or of_kpi
        if kpi == "cost_gbp":
            shown += [row for row in together if row["baseline"] or row["value"]]
        else:
            shown += [row for row in together if not row["group"]] or together
    return shown


def _comparison_row(row: PlainRow) -> tuple[str, ...]:
    unit = row["unit"]
    return (
        row["kpi"],
        row["court"],
        row["group"] or "all",
        row["scenario"],
        number(row["baseline"], unit),
        number(row["value"], unit),
        number(row["difference"], unit, signed=True),
        span(row["low"], row["high"], unit),
        f"{row['differed']} of {row['n']}",
        number(row["per_cent"], "%", signed=True),
        row["verdict"],
    )


def _best(row: PlainRow) -> str:
    share = row["probability_best"]
    return NOTHING if share is None else f"{100 * share:.0f} %"


def _outcome_lines(metadata: Manifest, shown: set[str]) -> list[str]:
    """A note that costs leave out what funds pay for outcomes, where a fund does."""
    experiment = metadata.experiment
    drawn = {name for names in experiment.draws_on.values() for name in names}
    if "cost_gbp" in shown and any(experiment.funds[name].outcomes for name in drawn):
        return ["", "Costs are without what funds pay for outcomes: `cjsim cost` has it in them."]
    return []


def _precision_lines(metadata: Manifest) -> list[str]:
    """Whether what is watched is as precise as the experiment asks, and what is not."""
    precision = metadata.precision
    if precision is None:
        return []
    short = [difference for difference in precision.differences if not difference.reached]
    count = metadata.replications
    without = precision.not_asked
    left_out = []
    if without:
        left_out.append(
            f"Of {', '.join(without)} no precision was asked: a share of nothing is nothing. Give "
            "it in its own unit in [precision.measures]."
        )
    if not short:
        every = "Every watched difference" if not without else "Every other watched difference"
        return ["", f"{every} is as precise as asked, after {count} replications.", *left_out]
    lines = ["", f"Not as precise as asked after {count} replications, the most allowed:"]
    for difference in short:
        half, wanted = (
            number(width, difference.unit) for width in (difference.half_width, difference.wanted)
        )
        group = f" {difference.group}" if difference.group else ""
        known = "not known" if half == NOTHING else f"known to within {half}"
        lines.append(
            f"  {difference.kpi}{group} ({difference.court}), {difference.scenario}: {known}, "
            f"asked {wanted}"
        )
    return [*lines, *left_out]
