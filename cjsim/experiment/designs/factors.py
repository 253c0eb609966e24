"""The factors of a study: which values it varies over their ranges, and which it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.experiment.designs.inputs import effect_sizes_of
from cjsim.experiment.designs.parameters import Factor, at_shares, factor_over, factors_of
from cjsim.experiment.plan import Plan
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.model import Model
from cjsim.schema.studies import Sensitivity, Uncertain, Varied


def scenario_of_study(
    experiment: Experiment, models: Mapping[str, Model], asked: str | None
) -> str:
    """The scenario that a study is about: the one asked for, or the last. Raises Faults."""
    file = shown_path(experiment.path)
    if len(models) < 2:
        wrong = "there is no scenario whose settings could be varied."
        raise Faults([Fault(file, "scenarios", wrong, "Add one, such as [scenarios.reform].")])
    if asked is None:
        return list(models)[-1]
    if asked not in models or asked == BASELINE:
        wrong = f'there is no scenario called "{asked}".'
        known = [name for name in models if name != BASELINE]
        remedy = did_you_mean(asked, known)
        raise Faults([Fault(file, "sensitivity.scenario", wrong, remedy, "sensitivity")])
    return asked


def study_factors(
    experiment: Experiment,
    plan: Plan,
    scenarios: Sequence[str],
    asked: Sensitivity | Uncertain,
    key: str,
    say: Callable[[str], None],
) -> tuple[list[Factor], list[Factor]]:
    """The levers of some scenarios and those that the file names, and the model's effect sizes.

    Raises Faults if there is none.
    """
    file = shown_path(experiment.path)
    baseline = plan.models[BASELINE]
    found: list[Factor] = []
    left_out: dict[str, None] = {}
    for scenario in scenarios:
        levers, without = factors_of(plan.scenarios[scenario])
        found += levers
        left_out.update(dict.fromkeys(without))
    for path in left_out:
        say(f"{path} is not varied: it has no range, or is a table that none could be for.")
    found += named_factors(baseline, asked.also, file, key)
    named = {lever.path for lever in found if lever.scenario is None}
    effects = effect_sizes_of(baseline, named) if asked.effects else []
    if not found and not effects:
        wrong_ = "nothing that the scenarios set has a range that it could be varied over."
        raise Faults([Fault(file, "scenarios", wrong_, "Give the settings a range each.")])
    return found, effects


def named_factors(model: Model, also: Sequence[Varied], file: str, key: str) -> list[Factor]:
    """The values of the model itself that the table `key` of a file names. Raises all Faults."""
    found: list[Factor] = []
    faults: list[Fault] = []
    for one in also:
        try:
            lever = factor_over(model, one.path, one.range, file, f"{key}.also", factor=one.factor)
            found.append(lever)
        except Faults as wrong:
            faults += wrong.faults
    if faults:
        raise Faults(faults)
    return found


def vary(
    plan: Plan, scenario: str, shares: Mapping[Factor, float], experiment: Experiment
) -> ResolvedScenario:
    """A scenario with factors moved. Raises Faults that name the experiment."""
    try:
        return at_shares(plan.scenarios[scenario], shares)
    except Faults as found:
        file = shown_path(experiment.path)
        raise Faults(
            Fault(
                file,
                f"scenarios.{scenario}.set.{fault.key}",
                f"at an end of its range: {fault.wrong}",
                fault.remedy,
            )
            for fault in found.faults
        ) from None
