"""Quick runs of reforms: some months from the first day of each, beside the baseline.

Reforms with the same first day share their baseline and start with the open cases of one warm-up.
Finished runs are kept, so that an interrupted command can resume. On request, a reform whose
effects are undecided runs again with twice the replications.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cjsim.experiment.designs.study import (
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    run_study,
    with_variants,
)
from cjsim.experiment.executors.executor import default_workers
from cjsim.experiment.forecast import forecast, span, workers_text
from cjsim.experiment.plan import Plan
from cjsim.experiment.run import make_plan
from cjsim.measures.intervals import FEWEST_DIFFERING, excludes_zero
from cjsim.reforms.register import ModelEffects, effects_in
from cjsim.reforms.warm_start import with_open_cases, without_warm_up
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.report import Report

MONTHS: Final = 6
REPLICATIONS: Final = FEWEST_DIFFERING
"""The default replications: fewer do not show a direction."""

WARM_UPS: Final = "open_cases"
"""The folder of open cases, inside the folder of results."""


@dataclass(frozen=True)
class Group:
    """Reforms of one model that begin on one day, each with its plan."""

    day: dt.date
    members: tuple[tuple[Experiment, Plan], ...]

    @property
    def names(self) -> list[str]:
        """The stems of their files."""
        return [experiment.path.stem for experiment, _ in self.members]


def run_quick(
    experiments: Sequence[Experiment],
    options: StudyOptions,
    months: int,
    *,
    until_decided: int | None = None,
    after: Callable[[Path], None] = lambda _: None,
) -> list[Path]:
    """Run each reform for some months from its first day; the folders of the studies.

    With `until_decided`, reforms whose published effects are undecided run again with twice the
    replications, up to that number. `after` is called with the folder of every finished study.
    Raises Faults, and RunFailed while running.
    """
    folders: list[Path] = []
    count = options.replications or REPLICATIONS
    waiting = list(experiments)
    while waiting:
        this_time: list[Path] = []
        for group in groups_of(waiting, replace(options, replications=count)):
            this_time.append(_run_group(group, options, months))
            after(this_time[-1])
        folders += this_time
        if until_decided is None or count >= until_decided:
            break
        # Folders of earlier rounds may have no reform that is still waiting.
        said = effects_in(this_time, waiting)
        waiting = [
            experiment
            for experiment in waiting
            if experiment.path.stem in said
            and not is_decided(experiment, said[experiment.path.stem])
        ]
        count = min(2 * count, until_decided)
    return folders


def is_decided(experiment: Experiment, said: ModelEffects) -> bool:
    """Whether every published effect is precise enough.

    Either its interval lies on one side of 0 and six replications differ, or the interval lies
    within the smallest worthwhile difference of the file.
    """
    for effect in experiment.published:
        difference = said.differences.get((effect.kpi, effect.court, effect.group))
        if difference is None:
            continue
        low, high = difference["low"], difference["high"]
        if excludes_zero(low, high, int(difference.get("differed") or 0)):
            continue
        worth = experiment.report.worthwhile.get(effect.kpi, 0.0)
        if low is None or high is None or not (-worth <= low and high <= worth):
            return False
    return True


def quick_run_lines(
    experiments: Sequence[Experiment], options: StudyOptions, months: int
) -> list[str]:
    """The quick runs and their forecast, before anything runs. Raises Faults."""
    workers = default_workers() if options.workers is None else options.workers
    lines, total = [], 0.0
    groups = list(groups_of(experiments, options))
    for group in groups:
        plan = without_warm_up(_plan_of(group, months))
        warming = replace(plan, scenarios={BASELINE: group.members[0][1].scenarios[BASELINE]})
        warming = replace(warming, study_to=plan.study_from, replications=1)
        seconds = sum(
            forecast(part, workers=workers, out=options.out, keep_logs=False).seconds
            for part in (plan, warming)
        )
        total += seconds
        lines.append(
            f"{group.day}  {len(plan.tasks)} runs and a warm-up, about {span(seconds)}: "
            f"{', '.join(group.names)}"
        )
    left = [experiment.path.stem for experiment in experiments]
    left = [stem for stem in left if not any(stem in group.names for group in groups)]
    if left:
        lines.append(f"No quick run, because they start in steps: {', '.join(left)}")
    return [*lines, f"In all about {span(total)} with {workers_text(workers)}. Nothing was run."]


def groups_of(experiments: Sequence[Experiment], options: StudyOptions) -> Iterator[Group]:
    """The reforms grouped by model and first day."""
    groups: dict[tuple[str, dt.date], list[tuple[Experiment, Plan]]] = {}
    for experiment in experiments:
        plan = make_plan(
            experiment, replications=options.replications or REPLICATIONS, seed=options.seed
        )
        if day := begins(experiment, plan):
            groups.setdefault((str(experiment.model_folder.resolve()), day), []).append(
                (experiment, plan)
            )
    for (_, day), members in groups.items():
        yield Group(day, tuple(members))


def begins(experiment: Experiment, plan: Plan) -> dt.date | None:
    """The first day of a reform; None where it sets nothing, or starts in steps.

    A reform in steps, one file after the other, does not show in some months.
    """
    scenario = experiment.reform_scenario
    if scenario is None or experiment.borrowed:
        return None
    added = plan.scenarios[scenario].added
    days = [change.day for change in added if change.day is not None]
    return min(days, default=None)


def _plan_of(group: Group, months: int) -> Plan:
    _, plan = group.members[0]
    variants = {BASELINE: plan.scenarios[BASELINE]}
    variants |= {
        experiment.path.stem: own.scenarios[str(experiment.reform_scenario)]
        for experiment, own in group.members
    }
    last = _months_after(group.day, months)
    return replace(with_variants(plan, variants), study_from=group.day, study_to=last, opening=None)


def _run_group(group: Group, options: StudyOptions, months: int) -> Path:
    first, _ = group.members[0]
    plan = with_open_cases(_plan_of(group, months), first.model_folder, keep=options.out / WARM_UPS)
    effects = [effect for experiment, _ in group.members for effect in experiment.published]
    watched = [kpi for experiment, _ in group.members for kpi in experiment.report.watch]
    watched += [effect.kpi for effect in effects]
    register = first.model_copy(
        update={
            "title": f"Reforms from {group.day}",
            "scenarios": {},
            "published": tuple(effects),
            "report": Report(watch=tuple(dict.fromkeys(watched))),
        }
    ).read_from(first.path.parent / "reforms.toml")
    folder, _ = run_study(Study("register", register, plan, _finish(group.names)), options)
    return folder


def _months_after(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return dt.date(day.year + years, month + 1, min(day.day, 28)) - dt.timedelta(days=1)


def _finish(names: Sequence[str]) -> Analysis:
    def finish(
        values: StudyMeasures,
    ) -> tuple[dict[str, object], Mapping[str, Sequence[Mapping[str, object]]]]:
        keys = list(values.table.keys)
        rows = [
            {
                "reform": name,
                "kpi": key[0],
                "court": key[1],
                "group": key[2],
                "unit": values.units[key[0]],
                **values.difference(name, BASELINE, key),
            }
            for name in names
            for key in keys
        ]
        return {"rows": rows}, {"register.csv": rows}

    return finish
