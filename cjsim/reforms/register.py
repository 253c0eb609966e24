"""The register of reforms: each with its grade, what was published, and what the model says.

What the model says is read from results that exist, or from small runs
(`cjsim.reforms.quick_runs`).
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
from cjsim.reforms.agreement import Difference, Held, Word, held, together
from cjsim.scenarios.load import load_experiment
from cjsim.schema.base import Real
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.reform import Reform

REGISTER: Final = "reforms-register"
"""The folder, below that of the results, of the small runs of reforms."""

SHOWN_WITHOUT_EFFECTS: Final = 2
"""How many of the watched measures are shown where nothing was published."""

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
    """The small runs of reforms, as far as the register shows them."""

    rows: list[RowRecord]


@dataclass(frozen=True)
class Said:
    """What the model says of a reform: differences by measure, court and group, and whence."""

    differences: Mapping[Key, Difference]
    units: Mapping[str, str]
    whence: str
    notices: Sequence[str] = ()


@dataclass(frozen=True)
class Entry:
    """A reform of the register, beside what the model says of it."""

    stem: str
    reform: Reform
    effects: Sequence[Held]
    word: Word
    said: Said | None
    watched: Sequence[tuple[Key, Difference]]


def reforms_in(folder: Path) -> list[Experiment]:
    """The experiments of a folder that say of which reform they are. Raises Faults."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        wrong = "there is no experiment here."
        raise Faults([Fault(shown_path(folder), "", wrong, "Give the folder of the experiments.")])
    loaded = [load_experiment(file) for file in files]
    found = [one for one in loaded if one.reform is not None]
    # The area's own programme first, as it is told; then the others by name.
    return sorted(found, key=lambda one: (not _reform(one).programme, one.path.stem))


def entries(experiments: Iterable[Experiment], said: Mapping[str, Said]) -> list[Entry]:
    """The register: a line for each reform, with what is said of it by the stem of its file."""
    return [_entry(one, said.get(one.path.stem)) for one in experiments]


def _entry(experiment: Experiment, said: Said | None) -> Entry:
    differences = {} if said is None else said.differences
    effects = [
        held(one, differences.get((one.kpi, one.court, one.group))) for one in experiment.published
    ]
    watched = []
    for kpi in experiment.report.watch if not effects else ():
        keys = [key for key in differences if key[0] == kpi and key[2] in ("", "mean")]
        whole = [key for key in keys if key[1] == "all"] or keys[:1]
        watched += [(key, differences[key]) for key in whole[:1]]
    word = together(effects)
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


def said_in(folders: Iterable[Path], experiments: Sequence[Experiment]) -> dict[str, Said]:
    """What results say of reforms, by the stem of the experiment's file; the later folder wins.

    A folder is that of a run, of an experiment, of a register, or one that holds several of them.
    Raises Faults for a folder without any.
    """
    stems = {one.path.stem: one for one in experiments}
    found: dict[str, Said] = {}
    for folder in folders:
        mine = _from_runs(folder, stems)
        found.update(mine)
        if not mine:
            wrong = "there are no results of a reform here."
            remedy = "Give a folder that `cjsim run` or `cjsim reforms --run` wrote."
            raise Faults([Fault(str(folder), "", wrong, remedy)])
    return found


def said_of_kept(out: Path, experiments: Sequence[Experiment]) -> dict[str, Said]:
    """What results say that lie where results go: the register's, else those of a reform's own run.

    A reform that was not run is not there.
    """
    stems = {one.path.stem: one for one in experiments}
    found = _from_runs(out / REGISTER, stems)
    for stem, one in stems.items():
        if stem not in found:
            found.update(_from_runs(out / stem, {stem: one}))
    return found


def _from_runs(folder: Path, stems: Mapping[str, Experiment]) -> dict[str, Said]:
    """What the runs in a folder say; the newer run wins."""
    found: dict[str, Said] = {}
    for place in _runs_below(folder):
        read = _from_study if (place / STUDY).is_file() else _from_run
        found.update(read(place, stems))
    return found


def _runs_below(folder: Path) -> list[Path]:
    """The runs in a folder, in one below it or two, the oldest first."""
    places = [folder, *sorted(folder.glob("*")), *sorted(folder.glob("*/*"))]
    there = [one for one in places if is_complete(one) or (one / STUDY).is_file()]
    there = [one for one in there if not one.name.startswith(".")]
    return sorted(there, key=lambda one: (_written(one), str(one)))


def _written(place: Path) -> float:
    file = place / STUDY if (place / STUDY).is_file() else place / "manifest.json"
    return file.stat().st_mtime


def _from_run(place: Path, stems: Mapping[str, Experiment]) -> dict[str, Said]:
    results = read_results(place)
    stem = str(results.manifest["experiment"].get("name"))
    experiment = stems.get(stem)
    if experiment is None or experiment.reform_scenario not in results.scenarios:
        return {}
    rows = [
        row
        for row in results.comparison.to_pylist()
        if row["scenario"] == experiment.reform_scenario
    ]
    period = f"{results.manifest['study_from']} to {results.manifest['study_to']}"
    whence = f"{results.manifest['replications']} replications, {period}"
    differences = {(row["kpi"], row["court"], row["group"]): row for row in rows}
    return {stem: Said(differences, {row["kpi"]: row["unit"] for row in rows}, whence)}


def _from_study(place: Path, stems: Mapping[str, Experiment]) -> dict[str, Said]:
    if read_study(place)["kind"] != "register":
        return {}
    content = read_study(place, RegisterRecord)
    whence = f"{content['replications']} replications, {content['study_from']} to "
    whence += str(content["study_to"])
    found: dict[str, Said] = {}
    for stem in dict.fromkeys(row["reform"] for row in content["rows"]):
        rows = [row for row in content["rows"] if row["reform"] == stem]
        if stem in stems:
            differences = {(row["kpi"], row["court"], row["group"]): row for row in rows}
            units = {row["kpi"]: row["unit"] for row in rows}
            found[stem] = Said(differences, units, whence, content["notices"])
    return found
