"""Run an experiment: every scenario, every replication, to a results folder."""

from __future__ import annotations

import contextlib
import errno
import os
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import cjsim.measures
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.executor import RunFailed, default_workers, run_tasks
from cjsim.experiment.manifest import manifest
from cjsim.experiment.plan import Plan
from cjsim.experiment.replication import Job, Replication, run_replication
from cjsim.experiment.results import is_complete
from cjsim.experiment.store import kpi_table, whole_folder, write_json, write_table
from cjsim.measures.registry import known_measures
from cjsim.opening import read_opening
from cjsim.spec.experiment import Experiment
from cjsim.spec.files import dotted, shown_path
from cjsim.spec.load import load_experiment
from cjsim.spec.model import Model
from cjsim.spec.opening import OpenCases
from cjsim.spec.resolve import resolve

OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
"""Errors that tell of the disk and not of the program."""

Progress = Callable[[int, int, Replication], None]
"""Told after each replication: how many are done, of how many, and which."""


def run_experiment(
    experiment: Experiment | Path | str,
    *,
    replications: int | None = None,
    workers: int | None = None,
    out: Path | str = Path("results"),
    seed: int | None = None,
    scenarios: Sequence[str] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    say: Callable[[str], None] = warnings.warn,
) -> Path:
    """Run an experiment and return its results folder, `out`/<experiment>/<run id>.

    `replications` and `seed` take the place of the file's; `scenarios` names those to run beside
    the baseline; `workers` is the number of processes, all processors when not given. A run whose
    plan has been run to its end before is not run again unless `fresh`. `say` is told what the
    reader of the results should know. Raises Faults before anything is run, RunFailed while
    running; either way, and when interrupted, no folder is left.
    """
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    plan = make_plan(experiment, replications=replications, seed=seed, scenarios=scenarios)
    notices = notices_about(plan, experiment)
    for notice in notices:
        say(notice)
    final = Path(out) / experiment.path.stem / plan.run_id
    if is_complete(final) and not fresh:
        say(f"This has been run before: {final} holds its results. --fresh runs it again.")
        return final
    try:
        with whole_folder(final, replace=fresh) as folder:
            runs = run_plan(plan, folder=folder, workers=workers, progress=progress)
            write_results(folder, plan, experiment, runs, notices)
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        raise RunFailed(f"{out}: {os.strerror(error.errno)}. Nothing was kept.") from error
    return final


def make_plan(
    experiment: Experiment,
    *,
    replications: int | None = None,
    seed: int | None = None,
    scenarios: Sequence[str] | None = None,
) -> Plan:
    """The plan of an experiment with what the caller overrides. Raises Faults."""
    models, opening = resolve_checked(experiment)
    return Plan(
        models=chosen(models, scenarios, shown_path(experiment.path)),
        seed=experiment.run.seed if seed is None else seed,
        replications=experiment.run.replications if replications is None else replications,
        study_from=experiment.run.from_,
        study_to=experiment.run.to,
        opening=opening,
    )


def resolve_checked(experiment: Experiment) -> tuple[dict[str, Model], OpenCases | None]:
    """Every scenario's whole model, and the cases that all of them open with. Raises Faults.

    What the report watches must be measures, and an open case must stand where the journey goes on.
    The spec cannot ask this itself: measures and the journey stand on floors above it.
    """
    faults = unknown_measures(experiment)
    opening = None
    try:
        models = resolve(experiment)
        faults += unknown_resources(experiment, next(iter(models.values())))
        opening = opening_of(experiment, next(iter(models.values())))
    except Faults as found:
        raise Faults([*faults, *found.faults]) from None
    if faults:
        raise Faults(faults)
    return models, opening


def unknown_measures(experiment: Experiment) -> list[Fault]:
    """What the report names and no measure is called."""
    known = known_measures()
    named = [
        (table, name) for table in ("watch", "worthwhile")
        for name in getattr(experiment.report, table)
    ]  # fmt: skip
    named += [
        (dotted(("trade_off", place, side)), one.measure)
        for place, trade_off in enumerate(experiment.report.trade_off)
        for side, measures in (("gain", trade_off.gain), ("loss", trade_off.loss))
        for one in measures
    ]
    file = shown_path(experiment.path)
    return [
        Fault(
            file,
            f"report.{key}",
            f'there is no measure called "{name}".',
            did_you_mean(name, known),
            "report",
        )
        for key, name in named
        if name not in known
    ]


def unknown_resources(experiment: Experiment, model: Model) -> list[Fault]:
    """The pools and lists whose use a trade-off asks for and the model has not."""
    known = [
        *model.pools,
        *(f"{pool}_{division}" for pool in model.pools for division in model.divisions),
        *model.lists,
        *(f"{word}@{house}" for word, one in model.lists.items() for house in one.houses),
    ]
    return [
        Fault(
            shown_path(experiment.path),
            dotted(("report", "trade_off", place, side)),
            f'there is no pool or court list called "{one.group}".',
            did_you_mean(one.group, known),
            "report",
        )
        for place, trade_off in enumerate(experiment.report.trade_off)
        for side, measures in (("gain", trade_off.gain), ("loss", trade_off.loss))
        for one in measures
        if one.measure == "utilisation" and one.group and one.group not in known
    ]


def opening_of(experiment: Experiment, baseline: Model) -> OpenCases | None:
    """The open cases that an experiment starts with, held against its baseline. Raises Faults."""
    path = experiment.opening_file
    if path is None:
        return None
    if not path.is_file():
        wrong = f"there is no table of open cases at {shown_path(path)}."
        remedy = "Write its path from this file, or make one with cjsim snapshot."
        raise Faults([Fault(shown_path(experiment.path), "run.opening", wrong, remedy, "run")])
    return read_opening(path, baseline, experiment.run.from_)


def chosen(
    models: dict[str, Model], scenarios: Sequence[str] | None, file: str
) -> dict[str, Model]:
    """The baseline, which is the first, and the scenarios named; all of them when none is named."""
    if not scenarios:
        return models
    unknown = [
        Fault(file, name, f'there is no scenario called "{name}".', did_you_mean(name, [*models]))
        for name in scenarios
        if name not in models
    ]
    if unknown:
        raise Faults(unknown)
    baseline = next(iter(models))
    return {name: model for name, model in models.items() if name == baseline or name in scenarios}


def replications_text(count: int) -> str:
    """A number of replications in words."""
    return "1 replication" if count == 1 else f"{count} replications"


def notices_about(plan: Plan, experiment: Experiment) -> list[str]:
    """What a reader of the results should know about the plan."""
    notices = []
    asked = experiment.run.replications
    if plan.replications < asked:
        notices.append(
            f"{replications_text(plan.replications)} instead of the {asked} that the experiment "
            "asks for: the intervals are wider than they should be."
        )
    names = list(plan.models)
    notices.extend(
        f'Scenario "{name}" changes nothing: its model is the baseline\'s.'
        for name in names[1:]
        if plan.models_as_json[name] == plan.models_as_json[names[0]]
    )
    return notices


def run_plan(
    plan: Plan,
    *,
    folder: Path,
    workers: int | None = None,
    keep_logs: bool = True,
    progress: Progress | None = None,
) -> list[Replication]:
    """Every replication of every scenario; the logs go to `folder` if they are kept.

    Raises RunFailed when two replications of a scenario have the same content.
    """
    tasks = plan.tasks
    job = Job(
        dict(plan.models),
        plan.seed,
        plan.study_from,
        plan.study_to,
        folder,
        keep_logs=keep_logs,
        opening=plan.opening,
    )
    done = 0

    def told(replication: Replication) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(tasks), replication)

    count = default_workers() if workers is None else workers
    runs = run_tasks(run_replication, job, tasks, workers=min(count, len(tasks)), on_done=told)
    refuse_twins(runs)
    return runs


def refuse_twins(runs: Sequence[Replication]) -> None:
    """Two replications that are the same to the last row mean that chance was not at work."""
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for run in runs:
        seen[run.scenario, run.content_hash].append(run.replication)
    for (scenario, _), same in seen.items():
        if len(same) > 1:
            raise RunFailed(
                f"Replications {' and '.join(map(str, same))} of scenario {scenario} are the same "
                "to the last row. They must differ by chance: nothing of this run can be used."
            )


def write_results(
    folder: Path,
    plan: Plan,
    experiment: Experiment,
    runs: Sequence[Replication],
    notices: Sequence[str],
) -> None:
    """kpis.parquet, comparison.parquet and, last, the manifest."""
    names = list(plan.models)
    kpis = kpi_table({(run.scenario, run.replication): run.kpis for run in runs}, names)
    write_table(kpis, folder / "kpis.parquet")
    comparison = cjsim.measures.compare(kpis, names[0], worthwhile(experiment))
    write_table(comparison, folder / "comparison.parquet")
    content = manifest(
        plan,
        about=about(experiment),
        labels=labels(experiment),
        replications=runs,
        kpis=folder / "kpis.parquet",
        notices=notices,
    )
    write_json(content, folder / "manifest.json")


def about(experiment: Experiment) -> dict[str, object]:
    """What was asked, as the manifest keeps it."""
    source = None
    with contextlib.suppress(OSError):
        source = experiment.path.read_text(encoding="utf-8")
    return {
        "name": experiment.path.stem,
        "title": experiment.title,
        "question": experiment.question,
        "owner": experiment.owner,
        "replications_asked": experiment.run.replications,
        "watched": list(experiment.report.watch),
        "worthwhile": worthwhile(experiment),
        "trade_offs": [one.model_dump(mode="json") for one in experiment.report.trade_off],
        "file": shown_path(experiment.path),
        "text": source,
    }


def worthwhile(experiment: Experiment) -> dict[str, float]:
    """For each measure the least difference that is worth having."""
    return dict(experiment.report.worthwhile)


def labels(experiment: Experiment) -> dict[str, str]:
    """The names of the scenarios as a reader knows them."""
    found = {"baseline": experiment.baseline.label}
    found.update({name: scenario.label for name, scenario in experiment.scenarios.items()})
    return found
