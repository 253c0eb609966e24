"""Studies as text: what hangs on what, and what is chance."""

from __future__ import annotations

from collections.abc import Sequence

from cjsim.experiment.designs.content import Content
from cjsim.experiment.designs.inputs import Inputs
from cjsim.formatting.numbers import NOTHING, both_ends, number, span
from cjsim.formatting.tables import text_table
from cjsim.measures.intervals import excludes_zero
from cjsim.storage.plain import PlainRow

_TWO_PARTS = (
    "Not known: the standard deviation between draws, chance taken out; chance: that between",
    "replications.",
)

_STAR = (
    "* its own 95 % interval excludes 0, and six replications or more differ; where none does, a "
    "break-even value may be chance as well."
)

MUCH = 0.25
"""A share of chance in the variance beyond which it blurs what each value adds to it."""


def tornado_text(content: Content) -> str:
    """For each measure the levers over their ranges, the one that matters most first."""
    lines = [_heading(content, "one value at a time over its range")]
    for central in content["central"]:
        rows = [row for row in content["rows"] if _key(row) == _key(central)]
        unit = central["unit"]
        lines += ["", _measure(central, content["scenario"])]
        rows.sort(key=lambda row: (-(row["swing"] or 0.0), row["lever"]))
        moving = [row for row in rows if _moves(row)]
        headings = ("value", "low", "difference", "high", "difference", "swing", "breaks even at")
        cells = [
            (
                row["lever"],
                _level(row, "level_low"),
                _starred(row, "low"),
                _level(row, "level_high"),
                _starred(row, "high"),
                _width(row["swing"], unit),
                _level(row, "break_even"),
            )
            for row in moving
        ]
        if cells:
            lines.append(text_table(headings, cells, numbers={1, 2, 3, 4, 5, 6}))
        if still := [row["lever"] for row in rows if not _moves(row) and row["swing"] == 0]:
            lines.append(f"Nothing hangs on {', '.join(still)}.")
        if unknown := [row["lever"] for row in rows if row["swing"] is None]:
            lines.append(f"No value of it at an end of {', '.join(unknown)}.")
    if any(row.get("level_is") == "factor" for row in content["rows"]):
        lines += ["", "×: a table is scaled as a whole; 1 is as it stands."]
    lines += ["", _STAR] if content["replications"] > 1 else []
    return "\n".join([*lines, *_end(content)])


def _moves(row: PlainRow) -> bool:
    """Whether a lever makes a difference to the difference, at an end or between them."""
    ends = [row[name] for name in ("low_difference", "high_difference")]
    return None not in ends and any(end != row["rest_difference"] for end in ends)


def _width(value: float | None, unit: str) -> str:
    """How far apart levels lie: of a share in points, as every difference of it, without a sign."""
    return number(value, unit, signed=True).removeprefix("+")


def _level(row: PlainRow, name: str) -> str:
    """A level of a lever; of a table it is a factor on all of its entries, and marked so."""
    level = row[name]
    if level is None:
        return NOTHING
    shown = f"{level:.3g}" if abs(level) < 1000 and name == "break_even" else f"{level:.6g}"
    return f"× {level:.3g}" if row.get("level_is") == "factor" else shown


def _starred(row: PlainRow, end: str) -> str:
    """The difference at an end of a lever's range, marked where chance alone would not do."""
    clear = excludes_zero(row[f"{end}_from"], row[f"{end}_to"], row.get(f"{end}_differed", 0))
    shown = number(row[f"{end}_difference"], row["unit"], signed=True)
    return shown + (" *" if clear else "  ")


def sobol_text(content: Content) -> str:
    """For each measure the share of its variance that each lever has, alone and in all."""
    size = content["size"]
    lines = [_heading(content, f"all values together over their ranges, {size} base points")]
    for central in content["central"]:
        rows = [row for row in content["rows"] if _key(row) == _key(central)]
        lines += ["", _measure(central, content["scenario"])]
        if central["points_without"]:
            count = central["points_without"]
            lines.append(
                f"{count} of the points gave no value of it, so that there are no shares: take "
                "more --replications, or narrower ranges."
            )
            continue
        if not rows:
            lines.append("It is the same at every point.")
            continue
        rows.sort(key=lambda row: (-row["total_order"], row["lever"]))
        headings = ("value", "alone", "95 % interval", "in all", "95 % interval")
        cells = [
            (
                row["lever"],
                f"{row['first_order']:.2f}",
                both_ends(f"{row['first_order_low']:.2f}", f"{row['first_order_high']:.2f}"),
                f"{row['total_order']:.2f}",
                both_ends(f"{row['total_order_low']:.2f}", f"{row['total_order_high']:.2f}"),
            )
            for row in rows
        ]
        lines.append(text_table(headings, cells, numbers={1, 2, 3, 4}))
        spread = _width(central["standard_deviation"], central["unit"])
        chance = central["share_of_chance"]
        said = (
            "; how much of it is chance, one replication cannot tell"
            if chance is None
            else f", of which {100 * chance:.0f} % of the variance is chance"
        )
        if chance is not None and chance > MUCH:
            said += ", too much of it for these indices: take more --replications"
        lines.append(f"Standard deviation over the ranges: {spread}{said}.")
    return "\n".join([*lines, *_end(content)])


def uncertainty_text(content: Content) -> str:
    """Both uncertainties of every difference, and in how many draws each option is the best."""
    draws = content["draws"]
    lines = [
        _heading(content, f"{draws} draws of the unknown values"),
        "",
        text_table(
            (
                "measure",
                "scenario",
                "as assumed",
                "95 % by chance",
                "draws, 5 to 95 %",
                "not known",
                "chance",
            ),
            [_uncertain(row) for row in content["rows"]],
            numbers={2, 3, 4, 5, 6},
        ),
        "",
        *_TWO_PARTS,
    ]
    if any(row["chance"] is None for row in content["rows"]):
        lines.append(f"{NOTHING}: not every replication of every draw gave a value of it.")
    if len({row["scenario"] for row in content["rows"]}) > 1:
        lines.append("Each interval stands alone; `cjsim run` widens them for several scenarios.")
    if content["best"]:
        lines += [
            "",
            text_table(
                ("measure", "option", "best in", "better than the baseline in"),
                [
                    (
                        _name(row),
                        row["option"],
                        f"{100 * row['best_in']:.0f} %",
                        NOTHING
                        if row["better_than_baseline_in"] is None
                        else f"{100 * row['better_than_baseline_in']:.0f} %",
                    )
                    for row in content["best"]
                ],
                numbers={2, 3},
            ),
            "",
            f"Best in: the share of the {draws} draws in which no other option did better.",
        ]
    return "\n".join([*lines, *_end(content)])


def ensemble_text(content: Content) -> str:
    """The levels of every scenario over the sets of an ensemble, and then the differences."""
    rows = [
        (
            _name(row),
            row["scenario"],
            number(row["as_it_is"], row["unit"]),
            number(row["median"], row["unit"]),
            _between(row, "p05", "p95"),
            _width(row["not_known"], row["unit"]),
            _width(row["chance"], row["unit"]),
        )
        for row in content["levels"]
    ]
    headings = (
        "measure",
        "scenario",
        "as it is",
        "median of sets",
        "sets, 5 to 95 %",
        "not known",
        "chance",
    )
    lines = [
        _heading(content, f"{content['draws']} plausible sets of numbers"),
        "",
        text_table(headings, rows, numbers={2, 3, 4, 5, 6}),
    ]
    if content["rows"]:
        return "\n".join([*lines, "", uncertainty_text(content)])
    return "\n".join([*lines, "", *_TWO_PARTS, *_end(content)])


def each(count: int) -> str:
    """How many replications every variant had, in words."""
    return "1 replication each" if count == 1 else f"{count} paired replications each"


def _between(row: PlainRow, low: str, high: str) -> str:
    return span(row[low], row[high], row["unit"], signed=False)


def _uncertain(row: PlainRow) -> Sequence[str]:
    unit = row["unit"]
    return (
        _name(row),
        row["scenario"],
        number(row["difference"], unit, signed=True),
        span(row["low"], row["high"], unit),
        span(row["p05"], row["p95"], unit),
        _width(row["not_known"], unit),
        _width(row["chance"], unit),
    )


def _heading(content: Content, what: str) -> str:
    return (
        f"{content['experiment']['title']}: {what}, {each(content['replications'])}, "
        f"{content['study_from']} to {content['study_to']}"
    )


def _measure(central: PlainRow, scenario: str) -> str:
    difference = number(central["difference"], central["unit"], signed=True)
    ends = span(central["low"], central["high"], central["unit"])
    interval = "" if ends == NOTHING else f", 95 % interval {ends}"
    return f"{_name(central)}: {scenario} against the baseline {difference}{interval}"


def _name(row: PlainRow) -> str:
    parts = [row["kpi"]]
    parts += [row["court"]] if row["court"] != "all" else []
    parts += [row["group"]] if row["group"] else []
    return " ".join(parts)


def _key(row: PlainRow) -> tuple[str, str, str]:
    return row["kpi"], row["court"], row["group"]


def _end(content: Content) -> list[str]:
    inputs = Inputs.from_json(content.get("inputs"))
    told = [] if inputs is None else ["", *inputs.lines]
    return [*told, *(f"Note: {notice}" for notice in content["notices"])]
