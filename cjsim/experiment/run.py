"""Run an experiment: every scenario, every replication, to a results folder."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cjsim.measures
from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.areas import AREAS, NOT_OF_AREAS, area_totals, areas_table, select_areas
from cjsim.experiment.executors.executor import Executor, TimeUp, WorkersDied, default_workers
from cjsim.experiment.forecast import MOST_CASES, forecast, refuse_beyond
from cjsim.experiment.hashes import discard_message, hashes_of
from cjsim.experiment.kpi_tables import kpi_table
from cjsim.experiment.manifest import manifest
from cjsim.experiment.manifest_metadata import (
    experiment_record,
    labels,
    unknown_measures,
    unknown_resources,
    worthwhile,
)
from cjsim.experiment.money_checks import unknown_outcomes
from cjsim.experiment.notices import notices_about, notices_after
from cjsim.experiment.plan import Plan, Task
from cjsim.experiment.precision import (
    aim_of,
    first_count,
    precision_reached,
    unknown_precision_measures,
)
from cjsim.experiment.replication import Replication
from cjsim.experiment.replications import Progress, run_plan
from cjsim.experiment.results import is_complete, read_results
from cjsim.experiment.run_folder import (
    clear_old,
    results_folder,
    take_replications,
    under_other_environments,
    unfinished_folder,
)
from cjsim.measures.comparison import unchanged_by
from cjsim.scenarios.load import load_experiment
from cjsim.scenarios.resolve import resolve
from cjsim.scenarios.scenario import ResolvedScenario, baseline_of
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path, study_path
from cjsim.schema.model import Model
from cjsim.schema.precision import FEWEST_REPLICATIONS
from cjsim.schema.uncertain import notes_on_sources
from cjsim.simulation.process import OpeningCaseload, process_of
from cjsim.storage.paths import wrong_with_name
from cjsim.storage.tables import write_table
from cjsim.storage.whole import write_json


def run_experiment(
    experiment: Experiment | Path | str,
    *,
    replications: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    out: Path | str = Path("results"),
    seed: int | None = None,
    scenarios: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
    fresh: bool = False,
    resume: bool = False,
    time_limit: float | None = None,
    budget: int | None = None,
    precision: float | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = warnings.warn,
) -> Path:
    """Run an experiment and return its results folder, `out`/<experiment>/<run id>.

    `replications` and `seed` take the place of the file's; `scenarios` names those to run beside
    the baseline, `areas` those of several to run; `workers` is the number of processes, all
    processors when not given, unless there is an `executor`. A run whose plan has been run
    to its end before is not run again unless `fresh`; where its experiment asks for another report
    by now, the tables are made anew from the same replications. `resume` goes on with what is left
    of a run of the same plan that was cut short. `time_limit` is in seconds, `budget` the most
    cases to be simulated. `precision` is the half-width that the interval of each watched
    difference is to come down to, as a share of the baseline's level: replications are added until
    it does. `say` receives notes for the reader of the results.
    Raises Faults before anything is run, RunFailed while running; when something stops the run, the
    replications that were done stay in an unfinished folder, and the error says so.
    """
    until = None if time_limit is None else time.monotonic() + time_limit
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    plan = make_plan(
        experiment,
        replications=replications,
        seed=seed,
        scenarios=scenarios,
        precision=precision,
        areas=areas,
    )
    notices = notices_about(plan, experiment)
    unchecked = notes_on_sources(experiment.model_folder, next(iter(plan.models.values())))
    for notice in (*notices, *unchecked):
        say(notice)
    final = Path(out) / folder_name(experiment) / plan.run_id
    workers = default_workers() if workers is None else workers
    before = _to_take_over(final, experiment) if is_complete(final) and not fresh else {}
    if before is None:
        clear_old(final, say)
        say(f"This has been run before: {final} holds its results. --fresh runs it again.")
        return final
    if before:
        resume = resume and unfinished_folder(final).exists()
        say(
            f"This has been run before, and {shown_path(experiment.path)} has been changed since: "
            f"the tables of {final} are made anew from the same replications. Charts and other "
            "pages in it have to be made again."
        )
    else:
        for note in under_other_environments(final, plan):
            say(note)
        check_budget(plan, experiment, workers=workers, out=Path(out), budget=budget, say=say)
    with results_folder(final, plan, resume=resume, fresh=fresh, say=say) as folder:
        take_replications(final, before, folder)
        try:
            runs = run_plan(
                plan,
                folder=folder,
                workers=workers,
                executor=executor,
                progress=progress,
                until=until,
            )
        except WorkersDied as died:
            raise died.with_command(_replay(experiment, plan, died.lost[0])) from died
        except TimeUp as up:
            raise TimeUp(f"The time limit of {time_limit:.0f} s is over.") from up
        for notice in notices_after(plan, experiment, runs):
            say(notice)
            notices.append(notice)
        write_results(folder, plan, experiment, runs, notices)
    return final


def _to_take_over(final: Path, experiment: Experiment) -> Mapping[str, str] | None:
    """The records of a run that is whole, where its experiment says something else by now.

    None where it says the same. Raises Faults where the results cannot be read or were changed.
    """
    manifest = read_results(final, areas=True, say=discard_message).manifest
    if manifest["experiment"].get("settings") == experiment_record(experiment)["settings"]:
        return None
    return dict(manifest.get("records", {}))


def check_budget(
    plan: Plan,
    experiment: Experiment,
    *,
    workers: int,
    out: Path,
    budget: int | None,
    say: Callable[[str], None],
    keep_logs: bool = True,
) -> None:
    """Raise Faults if a plan goes beyond the budget of cases; say so if the disk may be small."""
    estimate = forecast(plan, workers=workers, out=out, keep_logs=keep_logs)
    refuse_beyond(estimate, budget or MOST_CASES, shown_path(experiment.path))
    if estimate.disk > estimate.free:
        say("The disk may not be large enough: --dry-run says what is needed.")


def folder_name(experiment: Experiment) -> str:
    """The name of an experiment's folder of results: that of its file. Raises Faults."""
    name = experiment.path.stem
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", name) or name.endswith((".", " ")):
        wrong = f'"{name}" cannot be the name of a folder of results.'
        remedy = "Name the file with letters, digits, - and _, at most 64 of them."
        raise Faults([Fault(shown_path(experiment.path), "", wrong, remedy)])
    if wrong := wrong_with_name(name):
        raise Faults([Fault(shown_path(experiment.path), "", wrong, "Give the file another name.")])
    return name


def _replay(experiment: Experiment, plan: Plan, task: object) -> str:
    """The command that runs one replication again, in a separate process."""
    assert isinstance(task, Task)
    seed = "" if plan.seed == experiment.run.seed else f" --seed {plan.seed}"
    area = f" --area {task.area}" if task.area else ""
    return (
        f"cjsim replay {shown_path(experiment.path)} --scenario {task.scenario} "
        f"--replication {task.replication}{area}{seed}"
    )


def make_plan(
    experiment: Experiment,
    *,
    replications: int | None = None,
    seed: int | None = None,
    scenarios: Sequence[str] | None = None,
    precision: float | None = None,
    areas: Sequence[str] | None = None,
) -> Plan:
    """The plan of an experiment with what the caller overrides. Raises Faults.

    A number of replications takes the place of the precision that the file asks for.
    """
    scenarios_by_name, opening = resolve_checked(experiment)
    by_hand = replications is not None and precision is None
    aim = None if by_hand else aim_of(experiment, precision)
    if aim is not None and experiment.areas is not None:
        raise Faults([Fault("--precision", "", NOT_OF_AREAS, "Give a number of replications.")])
    if replications is None:
        replications = experiment.run.replications if aim is None else first_count(experiment)
    return Plan(
        scenarios=select_scenarios(scenarios_by_name, scenarios, shown_path(experiment.path)),
        seed=experiment.run.seed if seed is None else seed,
        replications=replications if aim is None else max(replications, FEWEST_REPLICATIONS),
        study_from=experiment.run.from_,
        study_to=experiment.run.to,
        opening=opening,
        aim=aim,
        areas=select_areas(experiment, areas),
    )


def resolve_checked(
    experiment: Experiment,
) -> tuple[dict[str, ResolvedScenario], OpeningCaseload | None]:
    """Every scenario, and the cases that all of them open with. Raises Faults.

    The report must watch measures of the model's jurisdiction, and an open case must be at a step
    from which its process can go on. The schema cannot check this: both are in layers above it.
    """
    scenarios: dict[str, ResolvedScenario] = {}
    jurisdiction = opening = None
    of_model: list[Fault] = []
    try:
        scenarios = resolve(experiment)
        baseline = baseline_of(scenarios).model
        jurisdiction = baseline.jurisdiction
        of_model += unknown_resources(experiment, baseline)
        opening = opening_of(experiment, baseline)
    except Faults as found:
        of_model += found.faults
    faults = [
        *unknown_measures(experiment, jurisdiction),
        *unknown_precision_measures(experiment, jurisdiction),
        *unknown_outcomes(experiment, jurisdiction),
        *of_model,
    ]
    if faults:
        raise Faults(faults)
    return scenarios, opening


def opening_of(experiment: Experiment, baseline: Model) -> OpeningCaseload | None:
    """The open cases that an experiment starts with, held against its baseline. Raises Faults."""
    path = experiment.opening_file
    if path is None:
        return None
    if not path.is_file():
        wrong = f"there is no table of open cases at {shown_path(path)}."
        remedy = "Write its path from this file, or make one with cjsim snapshot."
        raise Faults([Fault(shown_path(experiment.path), "run.opening", wrong, remedy, "run")])
    opening = process_of(baseline).read_opening(path, baseline, experiment.run.from_)
    return opening.with_file(study_path(path))


def select_scenarios(
    scenarios: dict[str, ResolvedScenario], names: Sequence[str] | None, file: str
) -> dict[str, ResolvedScenario]:
    """The baseline, which is the first, and the scenarios named; all of them when none is named."""
    if not names:
        return scenarios
    known = [*scenarios]
    unknown = [
        Fault(file, name, f'there is no scenario called "{name}".', did_you_mean(name, known))
        for name in names
        if name not in scenarios
    ]
    if unknown:
        raise Faults(unknown)
    wanted = {known[0], *names}
    return {name: scenario for name, scenario in scenarios.items() if name in wanted}


def write_results(
    folder: Path,
    plan: Plan,
    experiment: Experiment,
    runs: Sequence[Replication],
    notices: Sequence[str],
) -> None:
    """kpis.parquet, comparison.parquet and, last, the manifest; areas.parquet if there are any."""
    names = list(plan.models)
    tables = ["kpis.parquet", "comparison.parquet"]
    if plan.areas is None:
        measured = {(run.scenario, run.replication): run.kpis for run in runs}
    else:
        write_table(areas_table(runs, names), folder / AREAS)
        tables.append(AREAS)
        measured = area_totals({run.task: run.kpis for run in runs})
    kpis = kpi_table(measured, names)
    write_table(kpis, folder / "kpis.parquet")
    unchanged = unchanged_by(plan.models_as_json, names[0])
    comparison = cjsim.measures.compare(kpis, names[0], worthwhile(experiment), unchanged)
    write_table(comparison, folder / "comparison.parquet")
    content = manifest(
        plan,
        precision=precision_reached(plan, runs),
        about=experiment_record(experiment),
        labels=labels(experiment),
        replications=runs,
        kpis=folder / "kpis.parquet",
        notices=notices,
        hashes=hashes_of(folder, tables),
    )
    write_json(content, folder / "manifest.json")
