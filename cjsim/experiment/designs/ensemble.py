"""An experiment over a calibrated ensemble: every scenario under each plausible parameter set.

A calibration gives many parameter sets that agree with published figures. The difference between
sets is parameter uncertainty, the difference between replications is Monte Carlo error. The study
shows both, for levels and for differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.content import Content, Tables
from cjsim.experiment.designs.parameters import at_levels
from cjsim.experiment.designs.study import (
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    prepare_study,
    refuse_one_replication,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.designs.uncertainty import analysis_of_draws, two_uncertainties
from cjsim.experiment.plan import Plan, hash_of
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.bounds import json_object_in
from cjsim.schema.csv_files import (
    LARGEST_CSV_BYTES,
    CellReader,
    Lines,
    Row,
    cells_by_column,
    faults_of_header,
    read_lines,
)
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path, study_path
from cjsim.storage.plain import PlainRow

SET: Final = "set"
_MAKE_IT: Final = "Make it with cjsim calibrate."
IMPLAUSIBILITY: Final = "implausibility"
"""The first and the last column of an ensemble; between them stand the paths of the numbers."""


@dataclass(frozen=True)
class Ensemble:
    """Sets of levels by path; `cut` is the implausibility beyond which a set is none."""

    path: Path
    sets: tuple[Mapping[str, float], ...]
    implausibility: tuple[float, ...]
    about: PlainRow


def read_ensemble(path: Path) -> Ensemble:
    """Read an ensemble, a CSV file, and what its calibration wrote beside it. Raises Faults."""
    shown = shown_path(path)
    lines = read_lines(path, "ensemble", (SET, IMPLAUSIBILITY), LARGEST_CSV_BYTES)
    heading = lines.header
    if heading[:1] != (SET,) or heading[-1:] != (IMPLAUSIBILITY,) or len(heading) < 3:
        wrong = f'an ensemble has the columns "{SET}", one for each number, "{IMPLAUSIBILITY}".'
        raise Faults([Fault(shown, f"line {lines.header_line}", wrong, _MAKE_IT)])
    if wrong_header := list(faults_of_header(lines)):
        raise Faults(wrong_header)
    cells = CellReader(path)
    numbers = [_numbers(lines, line, row, cells) for line, row in lines.rows]
    cells.done()
    if len(numbers) < 2:
        wrong = "an ensemble needs two sets at least."
        raise Faults([Fault(shown, "", wrong, "One set says nothing of what is not known.")])
    sets = tuple(dict(zip(heading[1:-1], row, strict=False)) for row in numbers)
    about: PlainRow = {}
    beside = path.with_suffix(".json")
    if beside.is_file():
        try:
            about = json_object_in(beside)
        except (ValueError, OSError):
            wrong = "what the calibration wrote beside the ensemble cannot be read."
            raise Faults([Fault(shown_path(beside), "", wrong, "Make both again.")]) from None
    return Ensemble(path, sets, tuple(row[-1] for row in numbers), about)


def _numbers(lines: Lines, line: int, row: Sequence[str], cells: CellReader) -> list[float]:
    """The numbers of a set and its implausibility; what is none is told by `cells`."""
    columns = lines.header[1:]
    try:
        read = Row(line, cells_by_column(lines, row, columns))
    except ValueError as slip:
        _, wrong, remedy = slip.args
        cells.add(Row(line, {}), "", wrong, remedy)
        return []
    return [cells.number(read, column) for column in columns]


def ensemble_study(
    experiment: Experiment | Path | str, options: StudyOptions, file: Path
) -> tuple[Path, Content]:
    """Run every scenario under each set of an ensemble; the study's folder, and what was found.

    Raises Faults before anything is run, RunFailed while running.
    """
    return run_study(study_of_ensemble(experiment, options, file), options)


def ensemble_plan(
    experiment: Experiment | Path | str, options: StudyOptions, file: Path
) -> list[str]:
    """What the study would run and take, before anything runs. Raises Faults."""
    return study_lines(study_of_ensemble(experiment, options, file), options)


def study_of_ensemble(
    experiment: Experiment | Path | str, options: StudyOptions, file: Path
) -> Study:
    """Every scenario under every set of an ensemble. Raises Faults."""
    ensemble = read_ensemble(file)
    experiment, plan = prepare_study(experiment, options)
    refuse_one_replication(plan)
    # Enough that chance in a set's mean can be taken out; the sets themselves are many.
    plan = replace(plan, aim=None)
    _tell_of(ensemble, plan, options)
    names = list(plan.models)
    variants = dict(plan.scenarios)
    for number, levels in enumerate(ensemble.sets, start=1):
        for name in names:
            variants[_variant(number, name)] = _moved(plan.scenarios[name], levels, file)
    alternatives = [name for name in names if name != BASELINE]
    analysis = _analysis(alternatives, ensemble)
    return Study("ensemble", experiment, with_variants(plan, variants), analysis)


def _variant(number: int, scenario: str) -> str:
    return f"d{number:04d}_{scenario}"


def _moved(scenario: ResolvedScenario, levels: Mapping[str, float], file: Path) -> ResolvedScenario:
    try:
        return at_levels(scenario, levels)
    except Faults as found:
        raise Faults(
            Fault(shown_path(file), fault.key, fault.wrong, fault.remedy) for fault in found.faults
        ) from None


def _tell_of(ensemble: Ensemble, plan: Plan, options: StudyOptions) -> None:
    """Say what the reader must know of an ensemble that is none, or of another model."""
    cut = ensemble.about.get("cut")
    beyond = sum(one > cut for one in ensemble.implausibility) if cut is not None else 0
    if beyond:
        options.say(
            f"{beyond} of the {len(ensemble.sets)} sets are not plausible: their calibration found "
            "none that are, and kept the nearest."
        )
    area = ensemble.about.get("area")
    if area is not None and area != plan.models[BASELINE].area:
        options.say(f"The ensemble was made for {area}, not for {plan.models[BASELINE].area}.")
    elif ensemble.about.get("model_hash") not in (None, hash_of(plan.models[BASELINE])):
        options.say(
            "Numbers of the model have been changed since the ensemble was made: its sets may no "
            "longer agree with what is published. cjsim calibrate makes it anew."
        )


def _analysis(alternatives: Sequence[str], ensemble: Ensemble) -> Analysis:
    differences = analysis_of_draws(alternatives, ensemble.sets)

    def finish(
        found: StudyMeasures,
    ) -> tuple[Content, Tables]:
        content, tables = differences(found)
        levels = []
        for key in found.keys:
            about = {"kpi": key[0], "court": key[1], "group": key[2], "unit": found.units[key[0]]}
            for name in (BASELINE, *alternatives):
                by_set = np.array(
                    [
                        found.series(_variant(number, name), key)
                        for number in range(1, len(ensemble.sets) + 1)
                    ]
                )
                as_it_is = float(found.series(name, key).mean())
                level = as_it_is if np.isfinite(as_it_is) else None
                parts = two_uncertainties(by_set)
                levels.append({**about, "scenario": name, "as_it_is": level, **parts})
        content = {**content, "ensemble": study_path(ensemble.path), "levels": levels}
        return content, {"levels.csv": levels, **tables}

    return finish
