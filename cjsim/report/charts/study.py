"""The tornado chart of a sensitivity analysis in the folder of the results."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import model_validator

from cjsim.errors import Slip
from cjsim.experiment.designs.inputs import Inputs
from cjsim.experiment.designs.reading import StudyRecord, read_study
from cjsim.experiment.designs.study import SCENARIO
from cjsim.experiment.manifest_records import Record
from cjsim.experiment.manifest_schema import Manifest
from cjsim.experiment.plan import hash_of_content
from cjsim.formatting import numbers
from cjsim.formatting.labels import kind_of, noun_of, parameter_name
from cjsim.formatting.numbers import Kind
from cjsim.formatting.tables import Table
from cjsim.formatting.words import counted, sentence_case
from cjsim.report import style, wording
from cjsim.report.chart import (
    Chart,
    finish,
    row_labels,
)
from cjsim.report.data import ResultsFolder
from cjsim.schema.base import BASELINE, Real
from cjsim.storage.plain import PlainTable

MOST_BARS = 10


class CentralRecord(Record):
    """A measure of the study and its difference where nothing is varied."""

    kpi: str
    court: str
    group: str
    unit: str
    difference: Real | None


class LeverRecord(Record):
    """An input over its range, and what the difference is at both ends."""

    kpi: str
    court: str
    group: str
    lever: str
    level_low: Real
    level_high: Real
    low_difference: Real | None
    high_difference: Real | None
    break_even: Real | None
    swing: Real | None

    @model_validator(mode="after")
    def _ends_of_a_swing(self) -> Self:
        if self.swing is not None and None in (self.low_difference, self.high_difference):
            raise Slip("a swing has two ends.")
        return self


class TornadoRecord(StudyRecord):
    """A sensitivity study, as far as a page shows it."""

    scenario: str
    central: list[CentralRecord]
    rows: list[LeverRecord]


@dataclass(frozen=True)
class Bar:
    """An input of the model: its range, the differences at both ends, and where they are 0."""

    name: str
    low_level: float
    high_level: float
    low: float
    high: float
    break_even: float | None
    swing: float


@dataclass(frozen=True)
class Tornado:
    """A sensitivity study of one scenario: a measure, its difference at rest, the bars."""

    scenario: str
    kpi: str
    kind: Kind
    unit: str
    difference: float
    replications: int
    bars: tuple[Bar, ...]
    inputs: Inputs | None = None
    """How many inputs there are with a range, and which were varied; None if the study is old."""

    @property
    def varied(self) -> str:
        """How many inputs were varied of those that there are, in words."""
        count = counted(len(self.bars), "input")
        return count if self.inputs is None else f"{count} of {self.inputs.with_range} with a range"

    @property
    def not_varied(self) -> str:
        """What is said of the inputs that were not varied; empty where there are none."""
        if self.inputs is None:
            return "Other inputs may have a range: this study does not record it."
        return " ".join(self.inputs.lines[1:])


def tornado_beside(results: ResultsFolder) -> Tornado | None:
    """The study of these scenarios that was run beside them, of the first measure watched.

    A study belongs to a run when it has the same period, seed, baseline and scenario, to the last
    number of their models; of several the one with most replications, then the last name, is taken.
    """
    manifest = results.source.manifest
    folder = results.source.folder.parent
    content = [
        study_read
        for path in sorted(folder.parent.glob(f"{folder.name}-tornado/*/study.json"))
        if (study_read := _read(path)) is not None
        and _belongs(study_read, manifest, results.scenarios)
    ]
    if not content:
        return None
    study = max(content, key=lambda record: (int(record["replications"]), str(record["run_id"])))
    wanted = [*results.background.watched, *(row["kpi"] for row in study["central"])]
    for kpi in dict.fromkeys(wanted):
        tornado_of = _of_measure(study, kpi)
        if tornado_of is not None and tornado_of.bars:
            return tornado_of
    return None


def _read(path: Path) -> PlainTable | None:
    """A tornado, or None for what is none. Raises Faults for one that was changed or is damaged."""
    try:
        study = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(study, dict) or study.get("kind") != "tornado":
        return None
    return read_study(path.parent, TornadoRecord)


def _belongs(study: PlainTable, manifest: Manifest, scenarios: Sequence[str]) -> bool:
    alike = (study.get("study_from"), study.get("study_to"), study.get("seed")) == (
        manifest.study_from.isoformat(),
        manifest.study_to.isoformat(),
        manifest.seed,
    )
    about = study.get("scenario")
    if not alike or about not in scenarios:
        return False
    at_rest = {BASELINE: scenarios[0], SCENARIO: str(about)}
    models = manifest.model_values
    return study.get("models") == {
        name: hash_of_content(models[scenario]) for name, scenario in at_rest.items()
    }


def _name(row: PlainTable) -> str:
    """An input as a reader knows it; of a table the levels are factors on all of its entries."""
    name = parameter_name(row["lever"])
    return f"{name} (times the table)" if row.get("level_is") == "factor" else name


def _of_measure(study: PlainTable, kpi: str) -> Tornado | None:
    """The bars of a measure's whole, widest swing first; of one court, as the study has it."""
    central = next(
        (row for row in study["central"] if row["kpi"] == kpi and row["difference"] is not None),
        None,
    )
    if central is None:
        return None
    key = tuple(central[part] for part in ("kpi", "court", "group"))
    bars = [
        Bar(
            _name(row),
            row["level_low"],
            row["level_high"],
            row["low_difference"],
            row["high_difference"],
            row["break_even"],
            row["swing"],
        )
        for row in study["rows"]
        if tuple(row[part] for part in ("kpi", "court", "group")) == key
        and row["swing"] is not None
    ]
    bars.sort(key=lambda bar: (-bar.swing, bar.name))
    return Tornado(
        study["scenario"],
        kpi,
        kind_of(kpi, central["unit"]),
        central["unit"],
        float(central["difference"]),
        int(study["replications"]),
        tuple(bars),
        Inputs.from_json(study.get("inputs")),
    )


def tornado(results: ResultsFolder) -> Chart | None:
    """The ten inputs that change the result most, and where the difference would be 0."""
    study = tornado_beside(results)
    if study is None:
        return None
    bars = study.bars[:MOST_BARS]
    label = results.background.labels[study.scenario]
    fig = style.figure(0.34 * len(bars) + 1.0)
    ((axes,),) = style.grid(fig, 1, 1)
    shown = [
        numbers.in_shown_unit(study.kind, value) for bar in bars for value in (bar.low, bar.high)
    ]
    middle = numbers.in_shown_unit(study.kind, study.difference)
    low, high = min(0.0, middle, *shown), max(0.0, middle, *shown)
    air = 0.16 * (high - low or 1.0)
    exponent = numbers.level_exponent([high - low])
    for y, bar in enumerate(bars):
        for value, level, colour in (
            (bar.low, bar.low_level, style.SKY),
            (bar.high, bar.high_level, style.NAVY),
        ):
            end = numbers.in_shown_unit(study.kind, value)
            axes.barh([y], [end - middle], left=middle, height=0.6, color=colour)
            # If both ends are on one side, their labels are on different sides of the bar.
            larger = value == max(bar.low, bar.high)
            right = larger if bar.low != bar.high else colour == style.NAVY
            style.note(
                axes,
                f"{level:.3g}",
                (end, y),
                xytext=(3 if right else -3, 0),
                ha="left" if right else "right",
                bbox=None,
            )
        style.note(
            axes,
            _turns(bar),
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            bbox=None,
        )
    axes.axvline(middle, color=style.DARK_GREY, linewidth=0.9)
    axes.axvline(0, color=style.INK, linewidth=1.2, linestyle=(0, (1, 2)))
    axes.set_xlim(low - air, high + air)
    row_labels(axes, [bar.name for bar in bars], 42)
    money = study.kind == "gbp"
    style.scale(axes, "x", numbers.pounds_short if money else numbers.axis_number, 5)
    noun = noun_of(study.kpi, "").text
    style.heading(axes, f"Difference in {noun}{_unit(study.kind)}; dotted: none")
    turning = [bar for bar in study.bars if bar.break_even is not None]
    return finish(
        results,
        fig,
        key="tornado",
        title=wording.title(
            f"{sentence_case(_short_name(bars[0].name))} moves {noun} most",
            f"{sentence_case(_short_name(bars[0].name))} matters most",
            f"One input moves {noun} most",
        ),
        measure=f"Difference in {noun} with \u201c{label}\u201d at both ends of each "
        f"input\u2019s range (light: low end); varied: {study.varied}",
        replications=study.replications,
        alternative=f"Tornado chart of {counted(len(bars), 'input')}. "
        + " ".join(
            f"{bar.name}: {_level(study, bar.low, exponent)} at {bar.low_level:.3g} and "
            f"{_level(study, bar.high, exponent)} at {bar.high_level:.3g}; {_turns(bar)}."
            for bar in bars
        )
        + f" Of the {counted(len(study.bars), 'input')} varied {len(turning)} could turn "
        + f"the answer. {study.not_varied}".rstrip(),
        table=_table(study, bars, exponent),
        columns=(
            "input",
            "low_level",
            "high_level",
            "low_difference",
            "high_difference",
            "break_even",
            "swing",
        ),
        rows=[
            (bar.name, bar.low_level, bar.high_level, bar.low, bar.high, bar.break_even, bar.swing)
            for bar in study.bars
        ],
    )


def _unit(kind: Kind) -> str:
    """What a panel's axis counts in, where its ticks do not say it."""
    return (
        ", points" if kind == "share" else "" if kind in ("gbp", "count", "ratio") else f", {kind}"
    )


def _turns(bar: Bar) -> str:
    return "never breaks even" if bar.break_even is None else f"breaks even at {bar.break_even:.3g}"


def _short_name(name: str) -> str:
    return name.split(" (", maxsplit=1)[0]


def _level(study: Tornado, value: float, exponent: int) -> str:
    shown = numbers.in_shown_unit(study.kind, value)
    if not math.isfinite(shown):
        return "not known"
    sign = "+" if shown > 0 else numbers.MINUS if shown < 0 else ""
    return sign + numbers.size_of_change(study.kind, shown, exponent)


def _table(study: Tornado, bars: Sequence[Bar], exponent: int) -> Table:
    return Table(
        f"Inputs ranked by how far their range moves {noun_of(study.kpi, '').text}",
        (
            "Input",
            "Low end",
            "High end",
            "Difference at low end",
            "Difference at high end",
            "Breaks even at",
        ),
        tuple(
            (
                bar.name,
                f"{bar.low_level:.3g}",
                f"{bar.high_level:.3g}",
                _level(study, bar.low, exponent),
                _level(study, bar.high, exponent),
                "nowhere in the range" if bar.break_even is None else f"{bar.break_even:.3g}",
            )
            for bar in bars
        ),
    )
