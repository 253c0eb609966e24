"""The register of reforms: grade, published effects, and what the model says of them.

Results of the model come from existing runs or from quick runs (`cjsim.reforms.quick_runs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.reading import STUDY, StudyRecord, read_study
from cjsim.experiment.manifest_records import Record
from cjsim.experiment.results import is_complete, read_results
from cjsim.formatting.numbers import NOTHING, number, span, two_ends
from cjsim.formatting.tables import text_table
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.reforms.agreement import (
    LEAST_SHARE,
    MOST_SHARE,
    Agreement,
    Difference,
    EffectComparison,
    compare_effect,
    overall,
)
from cjsim.scenarios.load import load_experiment
from cjsim.schema.base import Real
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.reform import GRADES, Reform

REGISTER: Final = "reforms-register"
"""The folder of quick runs, inside the folder of results."""

SHOWN_WITHOUT_EFFECTS: Final = 2
"""The number of watched measures shown where nothing was published."""

Key = tuple[str, str, str]


class RowRecord(Record):
    """A watched measure of a reform's run, against its baseline."""

    reform: str
    kpi: str
    court: str
    group: str
    unit: str
    baseline: Real | None
    difference: Real | None
    low: Real | None
    high: Real | None
    per_cent: Real | None = None
    verdict: str = ""


class RegisterRecord(StudyRecord):
    """The quick runs of reforms, as far as the register shows them."""

    rows: list[RowRecord]


@dataclass(frozen=True)
class ModelEffects:
    """A reform in the model: differences by measure, court and group, and their source."""

    differences: Mapping[Key, Difference]
    units: Mapping[str, str]
    whence: str
    notices: Sequence[str] = ()


@dataclass(frozen=True)
class Entry:
    """A reform of the register beside the model's effects."""

    stem: str
    reform: Reform
    effects: Sequence[EffectComparison]
    word: Agreement
    said: ModelEffects | None
    watched: Sequence[tuple[Key, Difference]]


def reforms_in(folder: Path) -> list[Experiment]:
    """The experiments of a folder that describe a reform. Raises Faults."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        wrong = "there is no experiment here."
        raise Faults([Fault(shown_path(folder), "", wrong, "Give the folder of the experiments.")])
    loaded = [load_experiment(file) for file in files]
    reforms = [experiment for experiment in loaded if experiment.reform is not None]
    # The area's own programme first, then the others by name.
    return sorted(
        reforms, key=lambda experiment: (not _reform(experiment).programme, experiment.path.stem)
    )


def entries(experiments: Iterable[Experiment], said: Mapping[str, ModelEffects]) -> list[Entry]:
    """The entries of the register; `said` is by the stem of the experiment file."""
    return [_entry(experiment, said.get(experiment.path.stem)) for experiment in experiments]


def _entry(experiment: Experiment, said: ModelEffects | None) -> Entry:
    differences = {} if said is None else said.differences
    effects = [
        compare_effect(effect, differences.get((effect.kpi, effect.court, effect.group)))
        for effect in experiment.published
    ]
    watched = []
    for kpi in experiment.report.watch if not effects else ():
        keys = [key for key in differences if key[0] == kpi and key[2] in ("", "mean")]
        rows = [key for key in keys if key[1] == "all"] or keys[:1]
        watched += [(key, differences[key]) for key in rows[:1]]
    word = overall(effects)
    if word == "nothing published" and said is None:
        word = "not run"
    return Entry(
        experiment.path.stem,
        _reform(experiment),
        effects,
        word,
        said,
        watched[:SHOWN_WITHOUT_EFFECTS],
    )


def _reform(experiment: Experiment) -> Reform:
    assert experiment.reform is not None
    return experiment.reform


# --- from results that exist -----------------------------------------------------------------


def effects_in(
    folders: Iterable[Path], experiments: Sequence[Experiment]
) -> dict[str, ModelEffects]:
    """The effects of reforms in results, by the stem of the experiment file; later folders win.

    A folder is a run, an experiment, a register, or a parent of several of them. Raises Faults
    for a folder without results.
    """
    stems = {experiment.path.stem: experiment for experiment in experiments}
    by_stem: dict[str, ModelEffects] = {}
    for folder in folders:
        read = _from_runs(folder, stems)
        by_stem.update(read)
        if not read:
            wrong = "there are no results of a reform here."
            remedy = "Give a folder that `cjsim run` or `cjsim reforms --run` wrote."
            raise Faults([Fault(str(folder), "", wrong, remedy)])
    return by_stem


def effects_kept_in(out: Path, experiments: Sequence[Experiment]) -> dict[str, ModelEffects]:
    """The effects in the default folder of results: quick runs first, else a reform's own run.

    A reform that was not run is missing.
    """
    stems = {experiment.path.stem: experiment for experiment in experiments}
    by_stem = _from_runs(out / REGISTER, stems)
    for stem, experiment in stems.items():
        if stem not in by_stem:
            by_stem.update(_from_runs(out / stem, {stem: experiment}))
    return by_stem


def _from_runs(folder: Path, stems: Mapping[str, Experiment]) -> dict[str, ModelEffects]:
    """The effects of the runs in a folder; the newer run wins."""
    by_stem: dict[str, ModelEffects] = {}
    for run in _runs_below(folder):
        read = _from_study if (run / STUDY).is_file() else _from_run
        by_stem.update(read(run, stems))
    return by_stem


def _runs_below(folder: Path) -> list[Path]:
    """The runs in a folder and two levels below it, the oldest first."""
    places = [folder, *sorted(folder.glob("*")), *sorted(folder.glob("*/*"))]
    runs = [folder for folder in places if is_complete(folder) or (folder / STUDY).is_file()]
    runs = [one for one in runs if not one.name.startswith(".")]
    return sorted(runs, key=lambda run: (_written(run), str(run)))


def _written(folder: Path) -> float:
    file = folder / STUDY if (folder / STUDY).is_file() else folder / "manifest.json"
    return file.stat().st_mtime


def _from_run(folder: Path, stems: Mapping[str, Experiment]) -> dict[str, ModelEffects]:
    results = read_results(folder)
    stem = str(results.metadata.experiment.name)
    experiment = stems.get(stem)
    if experiment is None or experiment.reform_scenario not in results.scenarios:
        return {}
    rows = [
        row
        for row in results.comparison.to_pylist()
        if row["scenario"] == experiment.reform_scenario
    ]
    whence = f"{results.metadata.replications} replications, {results.metadata.period}"
    differences = {(row["kpi"], row["court"], row["group"]): row for row in rows}
    return {stem: ModelEffects(differences, {row["kpi"]: row["unit"] for row in rows}, whence)}


def _from_study(folder: Path, stems: Mapping[str, Experiment]) -> dict[str, ModelEffects]:
    if read_study(folder)["kind"] != "register":
        return {}
    content = read_study(folder, RegisterRecord)
    whence = f"{content['replications']} replications, {content['study_from']} to "
    whence += str(content["study_to"])
    by_stem: dict[str, ModelEffects] = {}
    for stem in dict.fromkeys(row["reform"] for row in content["rows"]):
        rows = [row for row in content["rows"] if row["reform"] == stem]
        if stem in stems:
            differences = {(row["kpi"], row["court"], row["group"]): row for row in rows}
            units = {row["kpi"]: row["unit"] for row in rows}
            by_stem[stem] = ModelEffects(differences, units, whence, content["notices"])
    return by_stem


UNITS = {"per cent": "%", "points": "points", "own unit": "", None: ""}


def register_text(entries: Sequence[Entry]) -> str:
    """A line for each effect: the reform, its grade, the published and the model's effect."""
    lines = []
    for entry in entries:
        rows = [(effect.published.says, _model(effect), effect.word) for effect in entry.effects]
        if not rows:
            rows = [("nothing", _watched(entry), entry.word)]
        for index, (published, model, word) in enumerate(rows):
            name, grade = (entry.reform.name, entry.reform.grade) if index == 0 else ("", "")
            lines.append([name, grade, published, model, word])
    headings = ["reform", "grade", "published", "the model says (95 % interval)", ""]
    grades = "; ".join(f"{letter} {means}" for letter, means in GRADES.items())
    return f"{text_table(headings, lines, numbers=set())}\n\nGrades: {grades}."


def register_page(entries: Sequence[Entry], command: str) -> str:
    """The page in Markdown; `command` is what writes it."""
    lines = [
        "# Reforms: what was published, and what the model says",
        "",
        f"This page is written by `{command}` from the files of",
        "[`experiments/`](../experiments) and from runs of them. A published effect is never a",
        "setting: it is compared with what follows from the levers.",
        "",
        "The model **agrees** when its 95 % interval lies on the published side of zero and",
        f"its size is between {LEAST_SHARE:g} and {MOST_SHARE:g} times the published one, or the",
        "published one lies in the interval; **partly** when the direction is right and not the",
        "size, when the published size is of something that the model does not measure, or when",
        "only some of several effects agree; **does not** when it goes another way or not",
        f"clearly; **too few replications** when fewer than {FEWEST_DIFFERING} were run, for no",
        "direction can be told from them. One small run is not a verdict on a reform: intervals",
        "are wide, a reform of the end of the line shows late, and many levers are marked",
        "assumptions. Costs are of the period that was run, without what funds pay for outcomes.",
        "",
        *(f"Grade {letter}: {means}.  " for letter, means in GRADES.items()),
        "",
        "| reform | grade | published | the model says | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for entry in entries:
        rows = [(effect.published.says, _model(effect)) for effect in entry.effects]
        published = "<br>".join(says for says, _ in rows) or "nothing"
        model = "<br>".join(said for _, said in rows) or _watched(entry)
        name = f"[{entry.reform.name}](../experiments/{entry.stem}.toml)"
        lines.append(
            f"| {name} | {entry.reform.grade} | {published} | {model} | **{entry.word}** |"
        )
    lines += ["", "## Each of them", ""]
    for entry in entries:
        lines += _about(entry)
    return "\n".join(lines).rstrip() + "\n"


def _about(entry: Entry) -> list[str]:
    reform = entry.reform
    whence = "not run" if entry.said is None else f"from {entry.said.whence}"
    lines = [
        f"### {reform.name}",
        "",
        reform.rationale,
        "",
        f"- Where and when: {reform.began}. Grade {reform.grade}; source `{reform.source}`.",
        f"- Who pays for it: {reform.costs}.",
        f"- The model: {whence}.",
    ]
    for comparison in entry.effects:
        effect = comparison.published
        note = f" ({effect.note})" if effect.note else ""
        lines.append(
            f"- *{effect.says}*{note}: `{effect.where}` {_model(comparison)}: "
            f"**{comparison.word}**."
        )
    return [*lines, *_costs(entry), ""]


def _costs(entry: Entry) -> list[str]:
    """The difference in cost of all agencies."""
    key: Key = ("cost_gbp", "all", "")
    if entry.said is None or key not in entry.said.differences:
        return []
    said = _difference(key, entry.said.differences[key], entry.said.units[key[0]])
    return [f"- All agencies together, in pounds over that time: {said.removeprefix('cost_gbp ')}."]


def _model(comparison: EffectComparison) -> str:
    """The model's size with its interval, in the published unit."""
    if comparison.size is None:
        return "not run"
    unit = UNITS[comparison.published.unit]
    said = f"{_figure(comparison.size)}{' ' if unit else ''}{unit}"
    if comparison.low is None or comparison.high is None:
        return said
    return f"{said} ({two_ends(comparison.low, comparison.high, _figure)})"


def _figure(value: float, finer: int = 0) -> str:
    if value == 0:
        return "0"
    return f"{value:+,.{finer + (2 if abs(value) < 10 else 0)}f}"


def _watched(entry: Entry) -> str:
    if entry.said is None:
        return "not run"
    units: Mapping[str, str] = entry.said.units
    said = [_difference(key, difference, units[key[0]]) for key, difference in entry.watched]
    return "; ".join(text for text in said if text) or "no difference"


def _difference(key: Key, difference: Difference, unit: str) -> str:
    if difference["difference"] is None:
        return ""
    middle = number(difference["difference"], unit, signed=True)
    ends = span(difference["low"], difference["high"], unit)
    return f"{key[0]} {middle}" + ("" if ends == NOTHING else f" ({ends})")
