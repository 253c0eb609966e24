"""The register of reforms: each with its grade, what was published, and what the model says.

What the model says is read from results that exist, or from small runs: every reform for some
months from the day on which it begins, beside the baseline, all from the same open cases.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cjsim.errors import Fault, Faults
from cjsim.experiment.plan import Plan
from cjsim.experiment.results import is_complete, read_results
from cjsim.experiment.run import make_plan
from cjsim.experiment.study import STUDY, Conditions, Finish, Found, run_study, with_variants
from cjsim.experiment.unread import settings_of
from cjsim.reforms.verdict import Difference, Held, Word, held, together
from cjsim.reforms.warm_start import opened
from cjsim.spec.base import BASELINE
from cjsim.spec.experiment import Experiment, Report
from cjsim.spec.files import shown_path
from cjsim.spec.load import load_experiment
from cjsim.spec.reform import Reform

MONTHS: Final = 6
REPLICATIONS: Final = 3
"""How small a small run is."""

SHOWN_WITHOUT_EFFECTS: Final = 2
"""How many of the watched measures are shown where nothing was published."""

Key = tuple[str, str, str]


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
        experiment.path.stem, _reform(experiment), effects, word, said,
        watched[:SHOWN_WITHOUT_EFFECTS],
    )  # fmt: skip


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
        before = dict(found)
        for place in _runs_below(folder):
            if (place / STUDY).is_file():
                found.update(_from_study(place, stems))
            else:
                found.update(_from_run(place, stems))
        if found == before:
            wrong = "there are no results of a reform here."
            remedy = "Give a folder that `cjsim run` or `cjsim reforms --run` wrote."
            raise Faults([Fault(str(folder), "", wrong, remedy)])
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
        row for row in results.comparison.to_pylist()
        if row["scenario"] == experiment.reform_scenario
    ]  # fmt: skip
    period = f"{results.manifest['study_from']} to {results.manifest['study_to']}"
    whence = f"{results.manifest['replications']} replications, {period}"
    differences = {(row["kpi"], row["court"], row["group"]): row for row in rows}
    return {stem: Said(differences, {row["kpi"]: row["unit"] for row in rows}, whence)}


def _from_study(place: Path, stems: Mapping[str, Experiment]) -> dict[str, Said]:
    content = json.loads((place / STUDY).read_text(encoding="utf-8"))
    if content.get("kind") != "register":
        return {}
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


# --- small runs ------------------------------------------------------------------------------


def run_small(experiments: Sequence[Experiment], given: Conditions, months: int) -> list[Path]:
    """Run each reform for some months from the day it begins; the folders of the studies.

    Reforms that begin on one day share their baseline. Raises Faults, and RunFailed while running.
    """
    groups: dict[tuple[str, dt.date], list[tuple[Experiment, Plan]]] = {}
    for one in experiments:
        plan = make_plan(one, replications=given.replications or REPLICATIONS, seed=given.seed)
        if day := begins(one, plan):
            groups.setdefault((str(one.model_folder.resolve()), day), []).append((one, plan))
    return [_run_group(members, day, given, months) for (_, day), members in groups.items()]


def begins(experiment: Experiment, plan: Plan) -> dt.date | None:
    """The day on which a reform begins; None where it sets nothing, or in several steps.

    What comes in steps, one file after the other, is not to be seen in some months.
    """
    scenario = experiment.reform_scenario
    if scenario is None or experiment.borrowed:
        return None
    days = [day for _, day, _ in settings_of(plan.models[BASELINE], plan.models[scenario])]
    return min(days, default=None)


def _run_group(
    members: Sequence[tuple[Experiment, Plan]], day: dt.date, given: Conditions, months: int
) -> Path:
    first, plan = members[0]
    models = {BASELINE: plan.models[BASELINE]}
    models |= {one.path.stem: own.models[str(one.reform_scenario)] for one, own in members}
    last = _months_after(day, months)
    plan = replace(with_variants(plan, models), study_from=day, study_to=last, opening=None)
    plan = opened(plan, first.model_folder)
    effects = [effect for one, _ in members for effect in one.published]
    watched = [kpi for one, _ in members for kpi in one.report.watch]
    watched += [effect.kpi for effect in effects]
    register = first.model_copy(
        update={
            "title": f"Reforms from {day}", "scenarios": {}, "published": tuple(effects),
            "report": Report(watch=tuple(dict.fromkeys(watched))),
        }
    ).read_from(first.path.parent / "reforms.toml")  # fmt: skip
    names = [one.path.stem for one, _ in members]
    folder, _ = run_study("register", register, plan, given, _finish(names))
    return folder


def _months_after(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return dt.date(day.year + years, month + 1, min(day.day, 28)) - dt.timedelta(days=1)


def _finish(names: Sequence[str]) -> Finish:
    def finish(found: Found) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
        keys = sorted({key for of in found.values.values() for key in of})
        rows = [
            {
                "reform": name,
                "kpi": key[0],
                "court": key[1],
                "group": key[2],
                "unit": found.units[key[0]],
                **found.difference(name, BASELINE, key),
            }
            for name in names
            for key in keys
        ]
        return {"rows": rows}, {"register.csv": rows}

    return finish
