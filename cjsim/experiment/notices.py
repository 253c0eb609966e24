"""What a reader of the results should know: of the plan, and of what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.experiment.money_checks import money_notices
from cjsim.experiment.plan import Plan
from cjsim.experiment.replication import Replication
from cjsim.schema.experiment import Experiment
from cjsim.schema.uncertain import notes_on_years


def replications_text(count: int) -> str:
    """A number of replications in words."""
    return "1 replication" if count == 1 else f"{count} replications"


def notices_about(plan: Plan, experiment: Experiment) -> list[str]:
    """What a reader of the results should know about the plan."""
    notices = []
    asked = experiment.run.replications
    if experiment.precision is not None and plan.aim is None:
        notices.append(
            "The number of replications is set by hand: the precision that the experiment asks for "
            "is not sought."
        )
    if plan.replications < asked and plan.aim is None:
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
    notices += notes_on_years(experiment, plan.models[names[0]])
    return notices + money_notices(plan.scenarios)


def notices_after(plan: Plan, experiment: Experiment, runs: Sequence[Replication]) -> list[str]:
    """What a reader of the results should know, now that they are there."""
    baseline, *others = plan.models
    of: dict[str, list[Replication]] = {name: [] for name in plan.models}
    for run in runs:
        of[run.scenario].append(run)
    notices = [
        f'Scenario "{name}": {notice}'
        for name, replications in of.items()
        for notice in overload_notices(replications)
    ]
    for name in others:
        if plan.models_as_json[name] == plan.models_as_json[baseline]:
            continue  # said before anything ran
        # A small area may lack cases that others have; only first replications record reads.
        looked = [set(run.unmet) for run in of[name] if run.replication == 0]
        unmet = sorted(set.intersection(*looked)) if looked else []
        if unmet:
            notices.append(f'Scenario "{name}": no case ever met {", ".join(unmet)}.')
        pairs = list(zip(of[baseline], of[name], strict=True))
        if all(one.content_hash == two.content_hash for one, two in pairs) and all(
            one.kpis.equals(two.kpis) for one, two in pairs
        ):
            notices.append(f'Scenario "{name}" sets values, and they change nothing at all.')
        elif _watched_alike(pairs, experiment.report.watch):
            notices.append(f'Scenario "{name}" has no effect on anything watched.')
    return notices


def overload_notices(replications: Sequence[Replication]) -> list[str]:
    """A sentence for each court list that ran out of dates."""
    counts = Counter(name for run in replications for name in run.overloaded)
    return [
        f"the list {name} has no date left for some hearings (in {count} of {len(replications)} "
        "replications). Its backlog grows without end, and its waits are longer than shown."
        for name, count in sorted(counts.items())
    ]


def _watched_alike(pairs: Sequence[tuple[Replication, Replication]], watch: Sequence[str]) -> bool:
    """Whether every watched value is the same on both sides; False if nothing is watched."""
    watched = pa.array(watch, pa.string())

    def values(run: Replication) -> pa.Table:
        return run.kpis.filter(pc.is_in(run.kpis.column("kpi"), watched))

    return bool(watch) and all(values(one).equals(values(two)) for one, two in pairs)
