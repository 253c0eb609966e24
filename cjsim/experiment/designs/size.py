"""A scenario at another size: all its levers moved alike, from the baseline to their far ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cjsim.experiment.designs.parameters import (
    Entry,
    validate_value,
    with_checked_values,
)
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import Duration, Number
from cjsim.schema.call_order import Order
from cjsim.schema.closures import Closures
from cjsim.schema.dated import length_on
from cjsim.schema.files import KeyPath, dotted
from cjsim.schema.model import in_its_jurisdiction
from cjsim.schema.odds import OddsFactor
from cjsim.schema.parameter_paths import (
    WHOLE_NUMBERS,
    Changeable,
    is_one_of,
    settable_values,
)
from cjsim.storage.plain import PlainRow

Table = float | PlainRow


@in_its_jurisdiction
def at_size(
    baseline: ResolvedScenario, scenario: ResolvedScenario, size: float
) -> ResolvedScenario:
    """A scenario with its factors at a size: 0 the baseline, 1 as declared, 2 the far end.

    Beyond 1 a factor moves on in its direction to the end of its range; one without a range stays.
    Shares and profiles stay at 1. An order of call and a closure have no half and stay as the
    scenario sets them.
    Raises Faults when no such model can be.
    """
    values, before = dict(settable_values(scenario.model)), dict(settable_values(baseline.model))
    new: dict[KeyPath, Changeable] = {}
    for at, changes in scenario.added_by_value.items():
        if isinstance(values[at], (Order, Closures)):
            continue
        added = {(change.day, change.division) for change in changes}
        entry = values[at].model_dump(by_alias=True)
        for change in entry.get("changes", ()):
            if (change["from"], change.get("area")) in added:
                _move(change, before[at], size, whole=is_one_of(at, WHOLE_NUMBERS))
        new[at] = validate_value(values[at], entry, dotted(at))
    return with_checked_values(scenario, new)


def _move(change: Entry, old: Changeable, size: float, *, whole: bool) -> None:
    """One entry of the scenario between what stands there without it and the end of its range."""
    bounds = change.get("range")
    if isinstance(old, Duration):
        law = length_on(old, change["from"], change.get("area") or "")
        for key in ("median", "mean", "fixed"):
            if change.get(key) is not None and getattr(law, key) is not None:
                declared = change[key]
                change[key] = _between(getattr(law, key), declared, size, bounds)
                if change.get("p90") is not None and law.p90 is not None:
                    p90 = _between(law.p90, change["p90"], min(size, 1.0), None)
                    change["p90"] = p90 * change[key] / declared if size > 1 else p90
                if bounds is not None:
                    level = change[key]
                    change["range"] = (min(bounds[0], level), max(bounds[1], level))
        return
    assert not isinstance(old, (Order, Closures))
    key = "factor" if isinstance(old, OddsFactor) else "value"
    stood: Any = getattr(old, key)
    for one in old.changes:
        if one.from_ <= change["from"] and one.area in (None, change.get("area")):
            stood = getattr(one, key)
    if isinstance(stood, Mapping) and change.get("area") in stood:
        stood = stood[change["area"]]
    number = isinstance(old, (Number, OddsFactor))
    change[key] = _mixed(
        stood,
        change[key],
        size if number else min(size, 1.0),
        bounds if number else None,
        whole=whole,
    )
    if bounds is not None and number:
        levels = change[key]
        numbers = list(levels.values()) if isinstance(levels, Mapping) else [levels]
        # Between the baseline and what is declared a lever may not have come to its range yet.
        change["range"] = (min(bounds[0], *numbers), max(bounds[1], *numbers))


def _mixed(
    old: Any, declared: Any, size: float, bounds: tuple[float, float] | None, *, whole: bool
) -> Any:
    if isinstance(declared, list | tuple):
        pairs = zip(old, declared, strict=True)
        return [_mixed(a, b, size, bounds, whole=whole) for a, b in pairs]
    if isinstance(old, Mapping) or isinstance(declared, Mapping):
        names = declared if isinstance(declared, Mapping) else old
        return {
            key: _mixed(_entry(old, key), _entry(declared, key), size, bounds, whole=whole)
            for key in names
        }
    level = _between(float(old), float(declared), size, bounds)
    if not whole:
        return level
    # A team of half a person would leave those whom it takes on without anybody.
    return float(math.ceil(level) if declared > old else math.floor(level))


def _entry(table: Table, key: str) -> Any:
    if not isinstance(table, Mapping):
        return table
    return table.get(key, table.get("default", 0.0))


def _between(old: float, declared: float, size: float, bounds: tuple[float, float] | None) -> float:
    if size <= 1 or bounds is None:
        level = old + min(size, 1.0) * (declared - old)
    else:
        low, high = bounds
        end = high if declared >= old else low
        level = declared + (size - 1.0) * (end - declared)
    return float(f"{level:.12g}")
