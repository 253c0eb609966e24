"""Claim test: whether the levers of a reform, within their ranges, give the published effects.

First all levers move together from the baseline to the far ends of their ranges. The size that
gives one published effect is found, the model runs at that size, and its other effects are the
predictions. Then the ranges are searched: the model runs at the points of a Latin hypercube, a
linear surrogate describes each effect, and the model runs at the settings where the surrogates
reach all published sizes together. All runs share their random numbers and open cases.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from cjsim.errors import Fault, Faults
from cjsim.experiment.designs.factors import vary
from cjsim.experiment.designs.parameters import Factor, factors_of
from cjsim.experiment.designs.size import at_size
from cjsim.experiment.designs.study import (
    Analysis,
    Study,
    StudyMeasures,
    StudyOptions,
    prepare_study,
    run_study,
    study_lines,
    with_variants,
)
from cjsim.experiment.designs.sweep import latin_hypercube
from cjsim.experiment.manifest_records import Record
from cjsim.experiment.plan import Plan
from cjsim.formatting.numbers import both_ends, two_ends
from cjsim.formatting.tables import text_table
from cjsim.measures.intervals import paired_intervals
from cjsim.reforms.agreement import in_unit
from cjsim.reforms.linear_surrogate import fit_surrogate, nearest_settings, share_in_reach
from cjsim.reforms.warm_start import with_open_cases
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import BASELINE
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.reform import Published
from cjsim.schema.studies import Claim
from cjsim.storage.plain import PlainTable

Numbers = npt.NDArray[np.float64]

FITTED: Final = "at_fitted_size"
BEST: Final = "best_settings"
CLOSE: Final = 0.9
"""An effect is reached when a run gives this share of its published size.

The runs decide. Surrogates only say where to look.
"""

EXAMPLE: Final = 'Add [claim] with fit = "..." and a table [[published]] for each effect claimed.'


Effects = Mapping[str, Mapping[str, Sequence[float]]]
"""Effects in their published unit by variant and name, one value for each replication."""


class SettingRecord(Record):
    """A lever at the best settings, with its declared level and range."""

    path: str
    level: float
    declared: float
    low: float
    high: float


class SearchRecord(Record):
    """What a claim test keeps of its search.

    `size` gives the fitted effect, `nearest_size` comes nearest to it; `curve` holds each effect
    at the `sizes` tried. `together` and `alone` are the largest shares of all effects, and of each,
    that the surrogates reach. `most` holds each effect at the settings where it was largest.
    """

    fit: str
    published: tuple[Published, ...]
    size: float | None
    nearest_size: float
    tried: int
    most: dict[str, list[float]]
    sizes: list[float]
    curve: dict[str, list[float]]
    together: float
    alone: dict[str, float]
    unexplained: dict[str, float] = Field(default_factory=dict)
    settings: tuple[SettingRecord, ...]


class TitleRecord(Record):
    """The experiment of a study, as far as its text names it."""

    title: str


class ClaimRecord(SearchRecord):
    """The result of a claim test as text needs it."""

    experiment: TitleRecord
    study_from: dt.date
    study_to: dt.date
    replications: int
    effects: dict[str, dict[str, list[float]]]
    notices: tuple[str, ...] = ()

    @property
    def fitted(self) -> Published:
        """The effect that the size was fitted to."""
        return next(effect for effect in self.published if effect.name == self.fit)


@dataclass(frozen=True)
class _Design:
    """What is run: the scenario, its levers, and the variants by size and by point."""

    experiment: Experiment
    settings: Claim
    scenario: str
    plan: Plan
    levers: tuple[Factor, ...]
    sizes: Mapping[str, float]
    points: Mapping[str, Sequence[float]]

    @property
    def effects(self) -> tuple[Published, ...]:
        """The published effects that have a size."""
        return tuple(effect for effect in self.experiment.published if effect.size is not None)

    def variants(self) -> dict[str, ResolvedScenario]:
        """Every variant of the search."""
        base, reform = self.plan.scenarios[BASELINE], self.plan.scenarios[self.scenario]
        variants = {BASELINE: base}
        variants |= {name: at_size(base, reform, size) for name, size in self.sizes.items()}
        for name, point in self.points.items():
            shares = dict(zip(self.levers, point, strict=True))
            variants[name] = vary(self.plan, self.scenario, shares, self.experiment)
        return variants

    def variants_at(self, size: float, point: Sequence[float]) -> dict[str, ResolvedScenario]:
        """The baseline, the scenario at one size of all levers, and at the best settings."""
        full = prepare_study(self.experiment, StudyOptions())[1].scenarios
        shares = dict(zip(self.levers, point, strict=True))
        full_plan = replace(self.plan, scenarios=full)
        return {
            BASELINE: self.plan.scenarios[BASELINE],
            FITTED: at_size(full[BASELINE], full[self.scenario], size),
            BEST: vary(full_plan, self.scenario, shares, self.experiment),
        }


def claim(experiment: Experiment | Path | str, options: StudyOptions) -> tuple[Path, PlainTable]:
    """Test the claims of an experiment; the folder of the study, and its content.

    Raises Faults before anything is run, RunFailed while running.
    """
    design = _design(experiment, options)
    plan = with_open_cases(
        with_variants(design.plan, design.variants()), design.experiment.model_folder
    )
    finish = _finish(design.effects)
    _, first = run_study(Study("claim-search", design.experiment, plan, finish), options)
    search, point = _search_for(design, first["effects"])
    _, second = run_study(
        Study(
            "claim",
            design.experiment,
            with_variants(plan, design.variants_at(search.nearest_size, point)),
            _finish(design.effects, search.model_dump(mode="json")),
        ),
        options,
    )
    stem = design.experiment.path.stem
    return options.out / f"{stem}-claim" / second["run_id"], second


def claim_plan(experiment: Experiment | Path | str, options: StudyOptions) -> list[str]:
    """The runs of the test and their forecast, before anything runs. Raises Faults."""
    design = _design(experiment, options)
    plan = with_variants(design.plan, design.variants())
    return study_lines(Study("claim", design.experiment, plan, _finish(())), options)


def _design(source: Experiment | Path | str, options: StudyOptions) -> _Design:
    experiment, plan = prepare_study(source, options)
    settings, file = experiment.claim, shown_path(experiment.path)
    if settings is None:
        raise Faults([Fault(file, "claim", "this experiment has no claim to test.", EXAMPLE)])
    scenario = settings.scenario or experiment.reform_scenario
    if scenario is None:
        raise Faults([Fault(file, "claim", "there is no scenario to test it on.", EXAMPLE)])
    levers, _ = factors_of(plan.scenarios[scenario])
    if not levers:
        wrong = "none of the scenario's settings has a range."
        raise Faults([Fault(file, "claim", wrong, "Give the settings a range each.")])
    plan = replace(plan, replications=options.replications or settings.replications)
    points = latin_hypercube(settings.points, len(levers), plan.seed).tolist()
    return _Design(
        experiment,
        settings,
        scenario,
        plan,
        tuple(levers),
        {f"s{round(size * 1000):04d}": size for size in settings.sizes},
        {f"p{number:04d}": point for number, point in enumerate(points, start=1)},
    )


# --- results ---------------------------------------------------------------------------------


def _finish(effects: Sequence[Published], search: Mapping[str, object] | None = None) -> Analysis:
    def finish(
        values: StudyMeasures,
    ) -> tuple[dict[str, object], dict[str, list[dict[str, object]]]]:
        by_variant = {
            variant: {effect.name: _by_replication(values, variant, effect) for effect in effects}
            for variant in values.table.scenarios
            if variant != BASELINE
        }
        rows = [
            {"variant": variant, "effect": name, "replication": number, "size": size}
            for variant, of in by_variant.items()
            for name, sizes in of.items()
            for number, size in enumerate(sizes)
        ]
        return {"effects": by_variant, **(search or {})}, {"effects.csv": rows}

    return finish


def _by_replication(values: StudyMeasures, variant: str, effect: Published) -> list[float]:
    """An effect in its published unit by replication; per cent are of the mean baseline."""
    key = (effect.kpi, effect.court, effect.group)
    before, after = values.series(BASELINE, key), values.series(variant, key)
    level = float(np.nanmean(before))
    sizes = [in_unit(effect.unit, float(change), level) for change in after - before]
    return [float("nan") if size is None else size for size in sizes]


def _search_for(design: _Design, effects_of: Effects) -> tuple[SearchRecord, list[float]]:
    """The size that gives the fitted effect; the point nearest to all effects, and its settings."""
    effects, levers = design.effects, design.levers
    sizes = [0.0, *design.sizes.values()]
    curve = {
        effect.name: [
            0.0,
            *(float(np.mean(effects_of[name][effect.name])) for name in design.sizes),
        ]
        for effect in effects
    }
    fitted = next(effect for effect in effects if effect.name == design.settings.fit)
    target = _claimed(fitted)
    size = crossing(sizes, curve[fitted.name], target)
    nearest = max(
        zip(sizes[1:], curve[fitted.name][1:], strict=True), key=lambda at: at[1] / target
    )
    points = np.array(list(design.points.values()), dtype=np.float64)
    surrogates = {
        effect.name: fit_surrogate(
            points, np.array([np.mean(effects_of[name][effect.name]) for name in design.points])
        )
        for effect in effects
    }
    claimed = [(surrogates[effect.name], _claimed(effect)) for effect in effects]
    together, point = share_in_reach(claimed)
    if together >= 1:
        point = nearest_settings(claimed, [lever.at_rest for lever in levers])
    record = SearchRecord(
        fit=design.settings.fit,
        published=effects,
        size=size,
        nearest_size=nearest if size is None else size,
        tried=len(design.sizes) + design.settings.points,
        most={effect.name: _most(effect, effects_of) for effect in effects},
        sizes=sizes,
        curve=curve,
        together=together,
        alone={
            effect.name: share_in_reach([(surrogates[effect.name], _claimed(effect))])[0]
            for effect in effects
        },
        unexplained={name: surrogate.spread for name, surrogate in surrogates.items()},
        settings=tuple(
            SettingRecord(
                path=lever.path,
                level=lever.level(share),
                declared=lever.level(lever.at_rest),
                low=lever.level(0.0),
                high=lever.level(1.0),
            )
            for lever, share in zip(levers, point, strict=True)
        ),
    )
    return record, point


def _most(effect: Published, effects_of: Effects) -> list[float]:
    """An effect by replication at the settings, of all that ran, where it was largest."""
    size = _claimed(effect)
    each = [list(of[effect.name]) for of in effects_of.values()]
    return max(each, key=lambda values: float(np.mean(values)) / size)


def crossing(sizes: Sequence[float], effect: Sequence[float], target: float) -> float | None:
    """The smallest size at which an effect reaches its target, by linear interpolation; or None."""
    sign = 1.0 if target > 0 else -1.0
    for index in range(1, len(sizes)):
        below, above = sign * effect[index - 1], sign * effect[index]
        if above >= abs(target):
            share = (abs(target) - below) / (above - below) if above > below else 1.0
            return sizes[index - 1] + max(share, 0.0) * (sizes[index] - sizes[index - 1])
    return None


# --- as text ---------------------------------------------------------------------------------

UNITS = {"per cent": " %", "points": " points", "own unit": ""}

Interval = tuple[float, float, float]


def claim_text(content: Mapping[str, object]) -> str:
    """The result: the size fitted and its predictions, then whether all claims can hold."""
    record = ClaimRecord.model_validate(content)
    period = f"{record.study_from} to {record.study_to}"
    return "\n".join(
        [
            record.experiment.title,
            (
                f"{period}, {record.replications} runs at each setting beside the same runs "
                "without it"
            ),
            "",
            *_in_short(record),
            "",
            *_size(record),
            "",
            *_search(record),
            *(f"Note: {notice}" for notice in record.notices),
        ]
    )


def _in_short(record: ClaimRecord) -> list[str]:
    """The answer first: what one size gives, and whether any settings give all claims."""
    fitted = record.fitted
    others = [effect for effect in record.published if effect is not fitted]
    at_fitted = record.effects[FITTED]
    holding = [other for other in others if reached(other, interval_of(at_fitted[other.name]))]
    said = ", ".join(f'"{effect.says}"' for effect in holding) or "none of them"
    brought = f"{len(holding)} of the other {len(others)} with"
    if record.size is None:
        most = _figure(interval_of(at_fitted[fitted.name])[0], fitted)
        first = (
            "In short: no size of the levers, all moved alike, gives the whole of "
            f'"{fitted.says}". The most is {most}, and it brings {brought} it: {said}.'
        )
    else:
        first = f'In short: levers large enough for "{fitted.says}" bring {brought} them: {said}.'
    hold = _holds(record)
    whether = "there are settings in which" if hold else "no settings were found in which"
    return [first, f"Within the declared ranges of the levers {whether} every claim holds."]


def _holds(record: ClaimRecord) -> bool:
    """Whether all claims hold in the run at the best settings."""
    best = record.effects[BEST]
    return all(reached(effect, interval_of(best[effect.name])) for effect in record.published)


def _size(record: ClaimRecord) -> list[str]:
    """One size for all levers: fitted to one effect, with its predictions of the others."""
    fitted, size = record.fitted, f"size {record.nearest_size:.2f}"
    scale = "(0 the baseline, 1 as declared, 2 the far ends of their ranges)"
    at_fitted = record.effects[FITTED]
    if record.size is None:
        lines = [
            f'Not within the declared ranges: no size of the levers gives "{fitted.says}" if all',
            f"are moved alike. Nearest to it comes {size}",
            f"{scale}:",
        ]
        share = interval_of(at_fitted[fitted.name])[0] / _claimed(fitted)
        nearest = f"the most: {100 * share:.0f} % of it"
    else:
        lines = [f'Fitted to "{fitted.says}": all levers at {size}', f"{scale}."]
        nearest = "fitted"
    rows = []
    for effect in record.published:
        interval = interval_of(at_fitted[effect.name])
        word = nearest if effect is fitted else _reproduced(effect, interval)
        rows.append([effect.says, _effect_text(interval, effect), word])
    table = text_table(["claimed", "the model at that size (95 %)", ""], rows, set())
    return [*lines, "", table]


def interval_of(sizes: Sequence[float]) -> Interval:
    """The mean of an effect over replications and its 95 % interval; NaN where there is none."""
    values = np.array([sizes], dtype=np.float64)
    low, high = paired_intervals(np.zeros_like(values), values)
    return float(values.mean()), float(low[0]), float(high[0])


def reached(effect: Published, interval: Interval) -> bool:
    """Whether the model comes close enough to the claimed size."""
    return interval[0] / _claimed(effect) >= CLOSE


def _claimed(effect: Published) -> float:
    assert effect.signed is not None
    return effect.signed


def _reproduced(effect: Published, interval: Interval) -> str:
    middle, low, high = interval
    said = _claimed(effect)
    share = middle / said
    if low <= said <= high:
        is_reached = reached(effect, interval)
        return (
            "reproduced" if is_reached else f"{100 * share:.0f} % of it; the interval holds it all"
        )
    if reached(effect, interval):
        return "reproduced, and more than that"
    if share <= 0:
        return "not reproduced: no change in that direction"
    return f"not reproduced: {100 * share:.0f} % of it"


def _search(record: ClaimRecord) -> list[str]:
    """Whether any settings in the declared ranges give all effects, and which ones."""
    together = record.together
    at_best = {
        effect.name: interval_of(record.effects[BEST][effect.name]) for effect in record.published
    }
    settings = [
        [
            _in_words(setting.path),
            f"{setting.level:.3g}",
            f"{setting.declared:.3g}",
            both_ends(f"{setting.low:.3g}", f"{setting.high:.3g}"),
        ]
        for setting in record.settings
    ]
    table = text_table(["lever", "here", "declared", "range"], settings, numbers={1, 2})
    rows = [
        [effect.says, _effect_text(at_best[effect.name], effect)] for effect in record.published
    ]
    model = text_table(["claimed", "the model there (95 %)"], rows, numbers=set())
    if _holds(record):
        return [
            "All of it can hold within the declared ranges, with these settings:",
            "",
            table,
            "",
            model,
        ]
    share = f"{100 * CLOSE:.0f} % of it"
    lines = [
        "Not within the declared ranges: no settings were found in which all of it holds.",
        f"A claim holds where the model comes to {share} or more.",
        f"{record.tried} settings were run, and then the one below.",
    ]
    if together >= 1:
        lines.append(
            "The surrogates predicted settings in between; a run there did not confirm them:"
        )
    else:
        lines += [
            *(_alone(effect, record) for effect in record.published),
            "By linear surrogates fitted to those runs, the largest share of every claim that can",
            f"hold at once is {100 * max(together, 0):.0f} % of its size.",
            "",
            "The model was run there as well, with the levers at:",
        ]
    return [*lines, "", table, "", model, *_needed(record.published, at_best)]


def _in_words(path: str) -> str:
    """A lever in words with the kind of its numbers: file ready (chance)."""
    table, _, rest = path.partition(".")
    word, _, field = rest.partition(".")
    kind = {"branches": "chance", "pools": "people at once", "stages": "time taken"}.get(
        table, field
    )
    return f"{word.replace('_', ' ')} ({kind.replace('_', ' ')})"


def _alone(effect: Published, record: ClaimRecord) -> str:
    """How much of one claim can hold: by the runs first, then by the surrogates."""
    ran = (record.most, record.effects[BEST], record.effects[FITTED])
    each = [interval_of(of[effect.name]) for of in ran]
    most = max(each, key=lambda interval: interval[0] / _claimed(effect))
    share, surrogate = most[0] / _claimed(effect), record.alone[effect.name]
    came = f"the largest effect of a run was {_effect_text(most, effect)}"
    if reached(effect, most):
        return f'- "{effect.says}" alone is within reach: {came}.'
    came += f", {100 * share:.0f} % of it" if share > 0 else ", none of it"
    if surrogate >= CLOSE:
        return f'- "{effect.says}" alone may be within reach, by the surrogates below; {came}.'
    return f'- "{effect.says}" alone is out of reach: {came}.'


def _needed(effects: Sequence[Published], at_best: Mapping[str, Interval]) -> list[str]:
    """For each claim out of reach, the rest that something else would have to give."""
    lines = [
        f'For "{effect.says}" something else would have to give the rest: from '
        f"{_figure(at_best[effect.name][0], effect)} to {_figure(effect.signed or 0.0, effect)}."
        for effect in effects
        if not reached(effect, at_best[effect.name])
    ]
    return ["", *lines] if lines else []


def _effect_text(interval: Interval, effect: Published) -> str:
    middle, low, high = interval
    unit = UNITS[effect.unit or "own unit"]
    said = f"{middle:+.2f}{unit}"
    if math.isnan(low):
        return said
    ends = two_ends(low, high, lambda value, finer: f"{value:+.{2 + finer}f}")
    return f"{said} ({ends})"


def _figure(value: float, effect: Published) -> str:
    return f"{value:+.2f}{UNITS[effect.unit or 'own unit']}"
