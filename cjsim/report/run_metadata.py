"""The manifest as a page needs it: question, period, changes, hashes."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cjsim.experiment.manifest_records import (
    AskedRecord,
    ModelRecord,
    OpeningRecord,
    TradeOffRecord,
)
from cjsim.experiment.manifest_schema import Manifest
from cjsim.formatting.dates import month_year
from cjsim.formatting.labels import parameter_unit, place_name, title_of

Json = Any
"""A value of a resolved model, as the manifest keeps it."""


@dataclass(frozen=True)
class Shock:
    """From when anything in a scenario differs from the baseline, and the day when it is over."""

    starts: dt.date
    ends: dt.date

    @property
    def last(self) -> dt.date:
        """The last day on which anything differs."""
        return self.ends - dt.timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """One dated change that a scenario makes to the model."""

    scenario: str
    parameter: str
    unit: str
    starts: dt.date
    area: str
    before: str
    value: str
    range: str
    source: str
    evidence: str


@dataclass(frozen=True)
class Side:
    """A measure on one side of a trade-off; without a court or group, its usual one."""

    measure: str
    court: str | None
    group: str | None


@dataclass(frozen=True)
class TradeOff:
    """Scenarios that are steps of one policy, in order with their labels, and what to draw."""

    title: str
    gain: tuple[Side, ...]
    loss: tuple[Side, ...]
    steps: dict[str, str]


@dataclass(frozen=True)
class SecondRun:
    """A second run whose scenarios a report shows beside those of the first."""

    run_id: str
    plan_hash: str
    results_hash: str
    file: str


@dataclass(frozen=True)
class Background:
    """All that a page must say beside the numbers.

    `labels` maps each scenario to its label, the baseline first; `divisions` each division to its
    short title; `declared` are the costs that a scenario declares for its reform; `shocks` has
    those scenarios whose changes all come to an end; `grades` counts the model's numbers by their
    evidence; `began` says how a run starts; `with_run` is a second run whose scenarios are shown;
    `chances` has the baseline's chance at each branch, as set; `only` names the scenarios run
    where the file has more, `beside` the areas; `sought` is the target precision as options of the
    command, None if the number of replications was set.
    """

    title: str
    question: str
    owner: str
    area: str
    model_title: str
    study_from: dt.date
    study_to: dt.date
    replications: int
    seed: str
    price_base: str
    run_id: str
    plan_hash: str
    results_hash: str
    version: str
    commit: str
    experiment_file: str
    labels: dict[str, str]
    divisions: dict[str, str]
    watched: tuple[str, ...]
    worthwhile: dict[str, float]
    trade_offs: tuple[TradeOff, ...]
    shocks: dict[str, Shock]
    changes: tuple[Change, ...]
    declared: tuple[Change, ...]
    grades: dict[str, int]
    notices: tuple[str, ...]
    caveats: tuple[str, ...]
    status: str
    data_as_of: dt.date | None
    review_by: dt.date | None
    replications_asked: int
    began: str
    versions: dict[str, str]
    opening_file: str
    with_run: SecondRun | None
    chances: dict[str, str]
    only: tuple[str, ...]
    beside: tuple[str, ...]
    sought: list[str] | None

    @property
    def period(self) -> str:
        """The study period in words: "April 2013 to March 2016"."""
        return f"{month_year(self.study_from)} to {month_year(self.study_to)}"

    def starts(self, scenario: str) -> list[dt.date]:
        """The dates on which a scenario's changes begin, inside the study period."""
        dates = {change.starts for change in self.changes if change.scenario == scenario}
        return sorted(date for date in dates if self.study_from <= date <= self.study_to)

    def start_in(self, scenario: str, division: str) -> dt.date | None:
        """The day on which a scenario first changes anything in a division, or None."""
        dates = [
            change.starts
            for change in self.changes
            if change.scenario == scenario and change.area in ("", division)
        ]
        return min(dates, default=None)


def background(manifest: Manifest, with_run: SecondRun | None = None) -> Background:
    """What a page shows of a manifest; what an older or smaller manifest lacks is left empty."""
    experiment = manifest.experiment
    labels = {scenario.name: scenario.label or scenario.name for scenario in manifest.scenarios}
    base = manifest.models[manifest.names[0]]
    values = manifest.model_values[manifest.names[0]]
    evidence = Counter(str(number["evidence"]) for _, number in sourced(values))
    return Background(
        title=experiment.title or "Results",
        question=experiment.question,
        owner=experiment.owner,
        area=place_name(base.area),
        model_title=base.title,
        study_from=manifest.study_from,
        study_to=manifest.study_to,
        replications=manifest.replications,
        seed=str(manifest.seed),
        price_base=base.costs.price_base or "",
        run_id=manifest.run_id,
        plan_hash=manifest.plan_hash or "",
        results_hash=manifest.results_hash or "",
        version=str(manifest.versions.get("cjsim", "")),
        commit=manifest.commit or "",
        experiment_file=experiment.file or "",
        labels=labels,
        divisions={
            name: short_title(division.title or title_of(name))
            for name, division in base.divisions.items()
        },
        watched=tuple(experiment.watched),
        worthwhile=dict(experiment.worthwhile),
        trade_offs=tuple(_trade_off(record, labels) for record in experiment.trade_offs),
        shocks=shocks_of(manifest.model_values, manifest.study_to),
        changes=tuple(_changes(manifest)),
        declared=tuple(_declared(manifest)),
        grades=dict(sorted(evidence.items())),
        notices=tuple(manifest.notices),
        caveats=tuple(experiment.caveats),
        status=experiment.status or "draft",
        data_as_of=experiment.data_as_of,
        review_by=experiment.review_by,
        replications_asked=experiment.replications_asked or manifest.replications,
        began=_began(manifest.opening, base),
        versions={name: str(version) for name, version in manifest.versions.items()},
        opening_file=manifest.opening.file if manifest.opening else "",
        with_run=with_run,
        chances={
            branch: _value(record.probability, "")
            for branch, record in (base.branches or {}).items()
            if isinstance(record.probability, dict)
        },
        only=_only(experiment, labels),
        beside=_beside(manifest),
        sought=_sought(manifest),
    )


def _file(experiment: AskedRecord) -> dict[str, Json]:
    """The experiment's file as it was, as far as it can be read."""
    try:
        return tomllib.loads(experiment.text or "")
    except tomllib.TOMLDecodeError:
        return {}


def _only(experiment: AskedRecord, labels: dict[str, str]) -> tuple[str, ...]:
    """The scenarios that were run, in the order of the file, if it has more."""
    written = list(_file(experiment).get("scenarios", {}))
    run = tuple(name for name in written if name in labels)
    return run if len(run) < len(written) else ()


def _beside(manifest: Manifest) -> tuple[str, ...]:
    """The areas that were run, if the file has more."""
    run = tuple(manifest.area.beside) if manifest.area else ()
    return run if len(run) < len(_file(manifest.experiment).get("areas", {}).get("of", {})) else ()


def _sought(manifest: Manifest) -> list[str] | None:
    """The target precision as options of the command; None if there was none."""
    if manifest.precision is None:
        return None
    share = manifest.precision.asked.of_baseline
    if "precision" in _file(manifest.experiment) or share is None:
        return []
    return ["--precision", f"{share:g}"]


def _began(opening: OpeningRecord | None, base: ModelRecord) -> str:
    """How a run starts, for a sentence: with cases that are open, or empty and long before."""
    if opening:
        return f"with the {opening.cases:,} cases that are open on the first day"
    days = base.opening.warm_up_days.value if base.opening else None
    if days is None:
        return ""
    return f"empty, with a warm-up of {days:g} days, which the results leave out"


def _trade_off(record: TradeOffRecord, labels: dict[str, str]) -> TradeOff:
    """The trade-off of the experiment, without steps that were not run."""
    gain, loss = (
        tuple(Side(side.measure, side.court, side.group) for side in sides)
        for sides in (record.gain, record.loss)
    )
    steps = {name: label for name, label in record.steps.items() if name in labels}
    return TradeOff(record.title, gain, loss, steps)


def _changes(manifest: Manifest) -> Iterator[Change]:
    """What each scenario's model has that the baseline's has not, in the order of the model."""
    baseline, *scenarios = manifest.names
    before = dict(sourced(manifest.model_values[baseline]))
    for scenario in scenarios:
        for path, number in sourced(manifest.model_values[scenario]):
            was = before.get(path, {})
            for change in number.get("changes") or []:
                if change in (was.get("changes") or []):
                    continue
                area = str(change.get("area") or "")
                bounds = change.get("range")
                yield Change(
                    scenario=scenario,
                    parameter=path,
                    unit=str(number.get("unit") or parameter_unit(path)),
                    starts=dt.date.fromisoformat(str(change["from"])),
                    area=area or _division_served(manifest.models[scenario], path),
                    before=_value(was, area) or ("open" if path.endswith(".closed") else ""),
                    value=_value(change, area),
                    range=" to ".join(_number(bound) for bound in bounds) if bounds else "",
                    source=str(change.get("source", "")),
                    evidence=str(change.get("evidence", "")),
                )


def _division_served(model: ModelRecord, path: str) -> str:
    """The division that a courthouse serves, of one of its values, which apply there only."""
    parts = path.split(".")
    if parts[0] == "courthouses":
        name = parts[1]
    elif parts[0] == "lists" and "houses" in parts[:-2]:
        name = parts[3]
    else:
        return ""
    courthouse = (model.courthouses or {}).get(name)
    return courthouse.serves[0] if courthouse and len(courthouse.serves) == 1 else ""


def _declared(manifest: Manifest) -> Iterator[Change]:
    """What each scenario says that its reform costs, as a change from nothing."""
    for scenario in manifest.names[1:]:
        for cost in manifest.models[scenario].costs.declared or []:
            how_often = "once" if cost.per == "once" else f"a {cost.per}"
            yield Change(
                scenario=scenario,
                parameter=f"costs.declared.{cost.agency or cost.fund}.{cost.line}",
                unit=f"GBP {how_often}, {cost.price_year} prices",
                starts=cost.from_,
                area="",
                before="0",
                value=f"{cost.gbp:,g}",
                range=" to ".join(f"{bound:,g}" for bound in cost.range) if cost.range else "",
                source=cost.source,
                evidence=cost.evidence,
            )


MOST_VALUES = 4
_ABOUT_A_NUMBER = ("source", "evidence", "range", "note", "from", "area", "changes", "unit")


PARTS = {
    "p90": "9 in 10 within",
    "at_once": "at once",
    "cap": "at most",
    "to": "until",
    "work_goes_to": "work goes to",
}
"""What the parts of a value are called before a Board, where their key does not say it."""


def _value(number: dict[str, Json], area: str) -> str:
    """What a number or a change of it says, in one area: "0.7", "median 20, 9 in 10 within 50"."""
    parts: list[str] = []
    for key, value in number.items():
        if key in _ABOUT_A_NUMBER or value in (None, {}, [], ()):
            continue
        if key == "work_goes_to":
            value = place_name(str(value))
        text = _one_of(value, area) if isinstance(value, dict) else _number(value)
        parts.append(text if key == "value" else f"{PARTS.get(key, key)} {text}")
    return ", ".join(parts)


def _one_of(values: dict[str, Json], area: str) -> str:
    """The value of the area where there is one by areas, else all of a few, or that they vary."""
    if area in values:
        return _number(values[area])
    if len(values) > MOST_VALUES:
        return f"varies ({len(values)} values)"
    return ", ".join(f"{title_of(name).lower()} {_number(inner)}" for name, inner in values.items())


def _number(value: Json) -> str:
    if isinstance(value, list):
        between = ", " if any(isinstance(entry, str) for entry in value) else " "
        return between.join(_number(entry) for entry in value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def short_title(title: str) -> str:
    """A title without what explains it: "North: Stoke-on-Trent, Leek" is "North"."""
    return re.split("[:,(]", title)[0].strip() or title


# --- shocks ----------------------------------------------------------------------------------


_VALUE_KEYS = ("value", "median", "p90", "mean", "fixed")
"""The keys by which a number or a change of it says what it is."""


def shocks_of(models: dict[str, Json], last_day: dt.date) -> dict[str, Shock]:
    """The scenarios that differ from the first one for a time only, over by the last day.

    `models` are the resolved models of the manifest, the baseline's first.
    """
    if not models:
        return {}
    baseline, *others = models
    before = dict(sourced(models[baseline]))
    shocks = {scenario: _shock(before, dict(sourced(models[scenario]))) for scenario in others}
    return {
        scenario: shock
        for scenario, shock in shocks.items()
        if shock is not None and shock.ends <= last_day
    }


def _shock(before: dict[str, Json], after: dict[str, Json]) -> Shock | None:
    """From the first day on which any number differs to the day on which none does any more."""
    first: dt.date | None = None
    end: dt.date | None = None
    for path, number in after.items():
        was = before.get(path, {})
        if number == was:
            continue
        for area in _areas(was, number):
            for start, until in _differing_spells(was, number, area):
                if until is None:
                    return None
                first = start if first is None else min(first, start)
                end = until if end is None else max(end, until)
    return None if first is None or end is None else Shock(first, end)


def _differing_spells(was: Json, number: Json, area: str) -> list[tuple[dt.date, dt.date | None]]:
    """The spells in which two numbers differ in an area; one that never ends has no last day."""
    days = sorted(
        {
            dt.date.fromisoformat(str(change["from"]))
            for version in (was, number)
            for change in version.get("changes") or []
        }
    )
    return [
        (start, end)
        for start, end in pairwise([*days, None])
        if start is not None and _in_force(was, start, area) != _in_force(number, start, area)
    ]


def _areas(was: Json, number: Json) -> list[str]:
    """The areas of changes: each named area, and "" for all others."""
    named = {
        str(change.get("area") or "")
        for version in (was, number)
        for change in version.get("changes") or []
    }
    return sorted({"", *named})


def _in_force(number: Json, day: dt.date, area: str) -> Json:
    """What a number says on a day in an area; later entries take the place of earlier ones."""
    entry = number
    for change in number.get("changes") or []:
        begun = dt.date.fromisoformat(str(change["from"])) <= day
        if begun and (change.get("area") or "") in ("", area):
            entry = change
    return {key: entry[key] for key in _VALUE_KEYS if entry.get(key) is not None}


# --- models in the manifest -------------------------------------------------------------------


def sourced(value: Json, path: str = "") -> Iterator[tuple[str, dict[str, Json]]]:
    """Every sourced number of a model with its dotted path; its dated changes are inside it."""
    if isinstance(value, dict):
        if "evidence" in value and "source" in value:
            yield path, value
            return
        for key, inner in value.items():
            yield from sourced(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from sourced(inner, f"{path}.{index}")
