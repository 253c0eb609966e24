"""A study: many variants of a model run side by side, their measures kept and their logs not."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import NOT_OF_AREAS
from cjsim.experiment.designs.content import Content, Tables
from cjsim.experiment.designs.reading import STUDY, read_study
from cjsim.experiment.executors.executor import TimeUp, default_workers
from cjsim.experiment.forecast import MOST_CASES, forecast, forecast_lines, refuse_beyond
from cjsim.experiment.hashes import hashes_of
from cjsim.experiment.manifest import commit, versions
from cjsim.experiment.manifest_metadata import experiment_record
from cjsim.experiment.plan import Plan, hash_of
from cjsim.experiment.precision import watched_table, whole_measures
from cjsim.experiment.replication import Replication
from cjsim.experiment.replications import Progress, run_plan
from cjsim.experiment.run import check_budget, folder_name, make_plan
from cjsim.experiment.run_folder import (
    clear_old,
    reopened_folder,
    results_folder,
    under_other_environments,
)
from cjsim.measures.comparison import WHOLE
from cjsim.measures.intervals import paired_intervals, without_rounding
from cjsim.measures.measure_table import Key, MeasureTable
from cjsim.measures.registry import known_measures
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.storage import disk
from cjsim.storage.outputs import results_file
from cjsim.storage.tables import write_csv
from cjsim.storage.whole import json_bytes

Numbers = npt.NDArray[np.float64]

SCENARIO: Final = "scenario"
"""The name of the variant in which every lever stands where the experiment puts it."""

CONTENT: Final[Mapping[str, Sequence[str]]] = {
    "sweep": ("on", "places", "points", "rows"),
    "screening": ("kept", "rows"),
    "tornado": ("scenario", "inputs", "central", "rows"),
    "sobol": ("scenario", "inputs", "size", "groups", "central", "rows"),
    "uncertainty": ("draws", "inputs", "rows", "best"),
    "ensemble": ("draws", "rows", "best", "levels"),
}
"""By kind of study, what its text is made of."""

UNVARIED: Final = (BASELINE, SCENARIO)
"""The variants in which nothing is varied: what a run of the experiment has as well."""


@dataclass(frozen=True)
class StudyOptions:
    """Under what conditions a study is run; as in `run_experiment`, `time_limit` in seconds."""

    replications: int | None = None
    seed: int | None = None
    workers: int | None = None
    out: Path = Path("results")
    fresh: bool = False
    resume: bool = False
    time_limit: float | None = None
    budget: int | None = None
    measures: Sequence[str] = ()
    progress: Progress | None = None
    say: Callable[[str], None] = warnings.warn


@dataclass(frozen=True)
class StudyMeasures:
    """The watched measures of a study's runs, by variant."""

    table: MeasureTable
    keys: Sequence[Key]

    @property
    def units(self) -> Mapping[str, str]:
        """The unit of each measure."""
        return self.table.units

    def series(self, variant: str, key: Key) -> Numbers:
        """A measure of a variant, one value for each replication, in their order; NaN for none."""
        return self.table.series(variant, key)

    def difference(self, variant: str, against: str, key: Key) -> dict[str, float | None]:
        """The mean paired difference of a measure, with its 95 % interval.

        `n` replications have the measure on both sides, and in `differed` of them it differs. `low`
        and `high` are None where there is no interval (`cjsim.measures.intervals`).
        """
        before, after = self.series(against, key), self.series(variant, key)
        there = np.isfinite(before) & np.isfinite(after)
        before, after = before[there], after[there]
        if not len(before):
            names = ("baseline", "value", "difference", "low", "high")
            return {**dict.fromkeys(names), "n": 0, "differed": 0}
        low, high = paired_intervals(before[None, :], after[None, :])
        return {
            "baseline": float(before.mean()),
            "value": float(after.mean()),
            "difference": float((after - before).mean()),
            "low": _known(low[0]),
            "high": _known(high[0]),
            "n": len(before),
            "differed": int(np.count_nonzero(without_rounding(before, after) - before)),
        }


Analysis = Callable[[StudyMeasures], tuple[Content, Tables]]
"""Turns the measures of all variants into the study's content, and its tables by file name."""


@dataclass(frozen=True)
class Study:
    """Variants of an experiment's models to run, and the analysis of their measures.

    `design` is the plan of all variants. Unless `all_can_run`, a variant that comes to no end has
    no values; otherwise it ends the study.
    """

    kind: str
    experiment: Experiment
    design: Plan
    analysis: Analysis
    all_can_run: bool = True


def prepare_study(
    experiment: Experiment | Path | str, options: StudyOptions
) -> tuple[Experiment, Plan]:
    """The experiment of a study, and its plan without the variants. Raises Faults."""
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    _refuse_unknown(options, known_measures())
    if not measures_of_study(experiment, options):
        wrong = "nothing is watched that a study could be about."
        remedy = 'Name measures in the table [report], such as watch = ["open_cases"].'
        raise Faults([Fault(shown_path(experiment.path), "report.watch", wrong, remedy, "report")])
    count = experiment.run.replications if options.replications is None else options.replications
    if experiment.areas is not None:
        raise Faults([Fault(shown_path(experiment.path), "areas", NOT_OF_AREAS, "", "areas")])
    plan = make_plan(experiment, replications=count, seed=options.seed)
    _refuse_unknown(options, known_measures(plan.models[BASELINE].jurisdiction))
    return experiment, plan


def _refuse_unknown(options: StudyOptions, known: tuple[str, ...]) -> None:
    unknown = [
        Fault("--measure", "", f'there is no measure called "{name}".', did_you_mean(name, known))
        for name in options.measures
        if name not in known
    ]
    if unknown:
        raise Faults(unknown)


def measures_of_study(experiment: Experiment, options: StudyOptions) -> list[str]:
    """The measures that a study is about: those asked for, else those that the report watches."""
    return list(options.measures or experiment.report.watch)


def refuse_one_replication(plan: Plan) -> None:
    """Raise Faults where what is not known could not be told from chance."""
    if plan.replications < 2:
        wrong = "one replication tells nothing of chance."
        raise Faults([Fault("--replications", "", wrong, "Ask for two at least.")])


def with_variants(plan: Plan, variants: Mapping[str, ResolvedScenario]) -> Plan:
    """The plan of a study: the same run, of these variants."""
    return replace(plan, scenarios=dict(variants), brief=True)


def study_lines(study: Study, options: StudyOptions) -> list[str]:
    """What a study would run and take, before anything runs. Raises Faults."""
    experiment, plan = study.experiment, study.design
    workers = default_workers() if options.workers is None else options.workers
    estimate = forecast(plan, workers=workers, out=options.out, keep_logs=False)
    refuse_beyond(estimate, options.budget or MOST_CASES, shown_path(experiment.path))
    size = f"{len(plan.models)} variants of {plan.replications} replications"
    return [
        f"{experiment.title}: {size}, {len(plan.tasks)} runs in all",
        *forecast_lines(estimate),
        "Nothing was run.",
    ]


def run_study(study: Study, options: StudyOptions) -> tuple[Path, Content]:
    """Run every variant; the folder of the study, `out`/<experiment>-<kind>/<id>, and its content.

    A study that was run to its end is read again unless it is to be `fresh`. If it was about other
    measures, they are taken from the runs that are there. Raises Faults before anything is run,
    RunFailed while running, as `run_experiment` does.
    """
    kind, experiment, plan = study.kind, study.experiment, study.design
    final = options.out / f"{folder_name(experiment)}-{kind}" / plan.run_id
    watched = measures_of_study(experiment, options)
    workers = default_workers() if options.workers is None else options.workers
    if final.is_dir() and not options.fresh:
        clear_old(final, options.say)
        options.say(f"This has been run before: {final} holds it. --fresh runs it again.")
        if (final / STUDY).is_file():
            content = _read_again(final, kind)
            told = _asked_otherwise(content, watched, experiment)
            if told is None:
                return final, content
            options.say(told)
        gathered = reopened_folder(final, options.say)
    else:
        for note in under_other_environments(final, plan):
            options.say(note)
        check_budget(
            plan,
            experiment,
            workers=workers,
            out=options.out,
            budget=options.budget,
            say=options.say,
            keep_logs=False,
        )
        gathered = results_folder(
            final, plan, resume=options.resume, fresh=options.fresh, say=options.say
        )
    until = None if options.time_limit is None else time.monotonic() + options.time_limit
    with gathered as folder:
        try:
            runs = run_plan(
                plan,
                folder=folder,
                workers=workers,
                keep_logs=False,
                months=False,
                all_can_run=study.all_can_run,
                progress=options.progress,
                until=until,
            )
        except TimeUp as up:
            raise TimeUp(f"The time limit of {options.time_limit:.0f} s is over.") from up
        notices = [f"No case ever met {path}, in any variant." for path in _unused_everywhere(runs)]
        for notice in notices:
            options.say(notice)
        found, tables = study.analysis(_measures_of(runs, watched, published_keys(experiment)))
        content = {
            "kind": kind,
            "run_id": plan.run_id,
            "plan_hash": plan.hash,
            "experiment": experiment_record(experiment),
            "watched": watched,
            "seed": plan.seed,
            "replications": plan.replications,
            "study_from": plan.study_from.isoformat(),
            "study_to": plan.study_to.isoformat(),
            "models": {
                name: hash_of(plan.models[name]) for name in UNVARIED if name in plan.models
            },
            "notices": notices,
            "versions": versions(),
            "commit": commit(),
            **found,
        }
        # Tables of other measures must not stand beside it, if this is cut short between the two.
        disk.remove(folder / STUDY)
        for name, rows in tables.items():
            write_csv(rows, folder / name)
        content |= hashes_of(folder, tables)
        with results_file(folder / STUDY) as file:
            file.write(json_bytes(content))
    return final, content


def _asked_otherwise(
    content: Content, watched: Sequence[str], experiment: Experiment
) -> str | None:
    """Why what a study found has to be made anew from its runs; None if it has not."""
    if content["watched"] != watched:
        return "It was about other measures: these are taken from the same runs."
    before = content["experiment"]
    if (
        not isinstance(before, dict)
        or before.get("settings") != experiment_record(experiment)["settings"]
    ):
        file = shown_path(experiment.path)
        return f"{file} has been changed since: its tables are made anew from the same runs."
    return None


def _read_again(folder: Path, kind: str) -> Content:
    """What a study found, as it was written. Raises Faults when it is damaged."""
    content = read_study(folder)
    wanted = ("experiment", "watched", "replications", "study_from", "study_to", "notices")
    lacking = [key for key in (*wanted, *CONTENT.get(kind, ())) if key not in content]
    if lacking:
        wrong = f"this is damaged: it has no {', '.join(lacking)}."
        raise Faults([Fault(str(folder), STUDY, wrong, "Run the study again with --fresh.")])
    return content


def published_keys(experiment: Experiment) -> list[Key]:
    """The measures, courts and groups that effects were published on."""
    return [(one.kpi, one.court, one.group) for one in experiment.published]


def _measures_of(
    runs: Sequence[Replication], watched: Sequence[str], also: Sequence[Key]
) -> StudyMeasures:
    table = watched_table(runs, watched, also)
    whole = [key for key in table.keys_of(runs[0].scenario) if key.group in WHOLE]
    return StudyMeasures(table, whole_measures(whole, watched))


def _unused_everywhere(runs: Sequence[Replication]) -> list[str]:
    """The settings that no variant's cases met although all of its kind have them."""
    of_first = [run for run in runs[1:] if run.replication == 0]
    if not of_first:
        return []
    always = set(of_first[0].unmet).intersection(*(run.unmet for run in of_first))
    return sorted(always)


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
