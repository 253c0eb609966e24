"""Small runs of reforms: each for some months from the day it begins, beside the baseline.

Reforms that begin on one day share their baseline, and all begin with the cases that one warm-up
leaves open. What has been run is kept and read again, so that a stopped command goes on; a reform
whose effects are not decided is run again with twice the replications, if that is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

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
from cjsim.reforms.register import Said, said_in
from cjsim.reforms.warm_start import opened, without_warm_up
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.report import Report

MONTHS: Final = 6
REPLICATIONS: Final = FEWEST_DIFFERING
"""How small a small run is: no direction can be told from fewer replications."""

WARM_UPS: Final = "open_cases"
"""The folder, below that of the results, of the cases that warm-ups left open."""


@dataclass(frozen=True)
class Group:
    """Reforms of one model that begin on one day, each with its plan."""

    day: dt.date
    members: tuple[tuple[Experiment, Plan], ...]

    @property
    def names(self) -> list[str]:
        """The stems of their files."""
        return [one.path.stem for one, _ in self.members]


def run_small(
    experiments: Sequence[Experiment],
    given: StudyOptions,
    months: int,
    *,
    until_decided: int | None = None,
    after: Callable[[Path], None] = lambda _: None,
) -> list[Path]:
    """Run each reform for some months from the day it begins; the folders of the studies.

    With `until_decided` those whose published effects are not decided are run again with twice as
    many replications, up to so many. `after` is told of every study as it is done. Raises Faults,
    and RunFailed while running.
    """
    folders: list[Path] = []
    count = given.replications or REPLICATIONS
    waiting = list(experiments)
    while waiting:
        this_time: list[Path] = []
        for group in groups_of(waiting, replace(given, replications=count)):
            this_time.append(_run_group(group, given, months))
            after(this_time[-1])
        folders += this_time
        if until_decided is None or count >= until_decided:
            break
        # Folders of earlier rounds may hold none of those that are still waited for.
        said = said_in(this_time, waiting)
        waiting = [
            one
            for one in waiting
            if one.path.stem in said and not decided(one, said[one.path.stem])
        ]
        count = min(2 * count, until_decided)
    return folders


def decided(experiment: Experiment, said: Said) -> bool:
    """Whether every published effect is known well enough for its word.

    Its interval lies on one side of nought, and six replications differ; or it lies within what the
    file says is not worth while.
    """
    for one in experiment.published:
        found = said.differences.get((one.kpi, one.court, one.group))
        if found is None:
            continue
        low, high = found["low"], found["high"]
        if excludes_zero(low, high, int(found.get("differed") or 0)):
            continue
        worth = experiment.report.worthwhile.get(one.kpi, 0.0)
        if low is None or high is None or not (-worth <= low and high <= worth):
            return False
    return True


def lines_of(experiments: Sequence[Experiment], given: StudyOptions, months: int) -> list[str]:
    """What small runs would be and take, before anything runs. Raises Faults."""
    workers = default_workers() if given.workers is None else given.workers
    lines, total = [], 0.0
    groups = list(groups_of(experiments, given))
    for group in groups:
        plan = without_warm_up(_plan_of(group, months))
        warming = replace(plan, scenarios={BASELINE: group.members[0][1].scenarios[BASELINE]})
        warming = replace(warming, study_to=plan.study_from, replications=1)
        seconds = sum(
            forecast(one, workers=workers, out=given.out, keep_logs=False).seconds
            for one in (plan, warming)
        )
        total += seconds
        lines.append(
            f"{group.day}  {len(plan.tasks)} runs and a warm-up, about {span(seconds)}: "
            f"{', '.join(group.names)}"
        )
    left = [one.path.stem for one in experiments]
    left = [one for one in left if not any(one in group.names for group in groups)]
    if left:
        lines.append(f"Not run small, as they come in steps: {', '.join(left)}")
    return [*lines, f"In all about {span(total)} with {workers_text(workers)}. Nothing was run."]


def groups_of(experiments: Sequence[Experiment], given: StudyOptions) -> Iterator[Group]:
    """The reforms by model and by the day on which they begin."""
    groups: dict[tuple[str, dt.date], list[tuple[Experiment, Plan]]] = {}
    for one in experiments:
        plan = make_plan(one, replications=given.replications or REPLICATIONS, seed=given.seed)
        if day := begins(one, plan):
            groups.setdefault((str(one.model_folder.resolve()), day), []).append((one, plan))
    for (_, day), members in groups.items():
        yield Group(day, tuple(members))


def begins(experiment: Experiment, plan: Plan) -> dt.date | None:
    """The day on which a reform begins; None where it sets nothing, or in several steps.

    What comes in steps, one file after the other, is not to be seen in some months.
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
        one.path.stem: own.scenarios[str(one.reform_scenario)] for one, own in group.members
    }
    last = _months_after(group.day, months)
    return replace(with_variants(plan, variants), study_from=group.day, study_to=last, opening=None)


def _run_group(group: Group, given: StudyOptions, months: int) -> Path:
    first, _ = group.members[0]
    plan = opened(_plan_of(group, months), first.model_folder, keep=given.out / WARM_UPS)
    effects = [effect for one, _ in group.members for effect in one.published]
    watched = [kpi for one, _ in group.members for kpi in one.report.watch]
    watched += [effect.kpi for effect in effects]
    register = first.model_copy(
        update={
            "title": f"Reforms from {group.day}",
            "scenarios": {},
            "published": tuple(effects),
            "report": Report(watch=tuple(dict.fromkeys(watched))),
        }
    ).read_from(first.path.parent / "reforms.toml")
    folder, _ = run_study(Study("register", register, plan, _finish(group.names)), given)
    return folder


def _months_after(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return dt.date(day.year + years, month + 1, min(day.day, 28)) - dt.timedelta(days=1)


def _finish(names: Sequence[str]) -> Analysis:
    def finish(
        found: StudyMeasures,
    ) -> tuple[dict[str, Any], Mapping[str, Sequence[Mapping[str, Any]]]]:
        keys = list(found.table.keys)
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
