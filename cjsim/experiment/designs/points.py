"""A scenario's model at a point of a sweep: some of its values set from a day on."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.experiment.designs.parameters import (
    VARIABLE_KINDS,
    Entry,
    clamp_numbers,
    place_of,
    validate_value,
    with_checked_values,
)
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import Duration
from cjsim.schema.change import (
    Change,
    Content,
    OfEntries,
    ReplaceEach,
    Scale,
    SetLevel,
    changes_of,
    content_after,
    content_of,
    standing,
)
from cjsim.schema.files import KeyPath, dotted
from cjsim.schema.model import Model, in_its_jurisdiction
from cjsim.schema.parameter_paths import (
    WHOLE_NUMBERS,
    Changeable,
    is_one_of,
    settable_values,
)
from cjsim.schema.studies import Axis

ASSUMED: Final = {"source": "assumption", "evidence": "assumed"}


@dataclass(frozen=True)
class Point:
    """What a point of a sweep does to one value: how, in which division (None: all), from when.

    `bounds` are the lowest and the highest level of the sweep.
    """

    change: Change | OfEntries
    area: str | None
    day: dt.date
    bounds: tuple[float, float]

    @property
    def scales(self) -> bool:
        """Whether what stands there is multiplied."""
        change = self.change.change if isinstance(self.change, OfEntries) else self.change
        return isinstance(change, Scale)


def change_at(axis: Axis, level: float) -> Change:
    """What a level of an axis does to what stands there."""
    if axis.factor:
        return Scale(level)
    return ReplaceEach(level) if axis.each else SetLevel(level)


@in_its_jurisdiction
def at_point(scenario: ResolvedScenario, points: Mapping[str, Point]) -> ResolvedScenario:
    """A scenario whose values are set as a point of a sweep says, by path.

    What a scenario sets there already, in that division or in all, is changed; where nothing is
    set, a change is added. A factor multiplies all that holds from the day on. Raises Faults.
    """
    model = scenario.model
    values = {dotted(at): (at, value) for at, value in settable_values(model)}
    new: dict[KeyPath, Changeable] = {}
    for path, point in points.items():
        name, entries = place_of(path, values)
        at, value = values[name]
        if entries and not isinstance(point.change, OfEntries):
            point = replace(point, change=OfEntries(entries, point.change))
        value = new.get(at, value)
        entry = value.model_dump(by_alias=True)
        try:
            changes = (
                _scaled(value, at, entry.get("changes", ()), point, list(model.divisions))
                if point.scales
                else _set(value, at, entry.get("changes", ()), point)
            )
        except Slip as slip:
            raise Faults([Fault("", path, slip.wrong, slip.remedy)]) from None
        changes.sort(key=lambda one: (one["from"], one["area"] or ""))
        new[at] = validate_value(value, {**entry, "changes": changes}, path)
    return with_checked_values(scenario, new)


@in_its_jurisdiction
def check_axes(model: Model, axes: Mapping[str, Axis], first_day: dt.date, file: str) -> None:
    """Raise Faults for paths that lead to no number, or to a table that one number would replace.

    `first_day` is the day from which an axis without one holds.
    """
    values = {dotted(at): value for at, value in settable_values(model)}
    faults: list[Fault] = []
    for path, axis in axes.items():
        key = f"sweep.over.{path}"
        name, entries = place_of(path, values)
        value = values.get(name)
        if value is None:
            wrong = f'the model has no value "{path}" that could be varied.'
            faults.append(Fault(file, key, wrong, did_you_mean(path, list(values)), "sweep"))
            continue
        if not isinstance(value, VARIABLE_KINDS):
            wrong = f'"{path}" is a table of shares or weights, which cannot be swept.'
            remedy = "Sweep a number, a probability or a length of time."
            faults.append(Fault(file, key, wrong, remedy, "sweep.over"))
            continue
        level, day = axis.levels()[0], axis.from_ or first_day
        change = change_at(axis, level)
        of_entries = OfEntries(entries, change) if entries else change
        point = Point(of_entries, axis.area, day, axis.bounds)
        at = next(at for at, _ in settable_values(model) if dotted(at) == name)
        try:
            _meaning(value, at, point)
        except Slip as slip:
            faults.append(Fault(file, key, slip.wrong, slip.remedy, "sweep.over"))
    if faults:
        raise Faults(faults)


def _meaning(value: Changeable, at: KeyPath, point: Point) -> None:
    """Raise Slip where a point would mean nothing, or two things, for what it meets."""
    changes = value.model_dump(by_alias=True).get("changes", ())
    met = [change for change in changes if _is_met(change, point)]
    stand = standing(value, changes_of(value), point.day, point.area).values()
    for stood in [*map(_numbers, met), *([] if met else stand)]:
        content_after(value, at, stood, point.change, point.area)


def _is_met(change: Entry, point: Point) -> bool:
    """Whether a change holds from the day of a point or later, in a division that it is about."""
    return change["from"] >= point.day and point.area in (None, change["area"])


def _numbers(change: Entry) -> Entry:
    keys = ("value", "factor", "median", "p90", "mean", "fixed")
    return {key: change[key] for key in keys if change.get(key) is not None}


def _set(value: Changeable, at: KeyPath, changes: Sequence[Entry], point: Point) -> list[Entry]:
    """The changes of a value with those from the day on at a level, or one more. Raises Slip."""
    found = [dict(change) for change in changes]
    met = [change for change in found if _is_met(change, point)]
    if not met:
        stood = _in_force_at_the_end(value, point)
        added = {**ASSUMED, "from": point.day, "area": point.area, "note": "", **stood}
        found.append(added)
        met = [added]
    for change in met:
        change["range"] = point.bounds
        area = change["area"] or point.area
        change.update(content_after(value, at, _numbers(change), point.change, area))
    return found


def _in_force_at_the_end(value: Changeable, point: Point) -> Content:
    """What a new change begins with: of a length the law after all changes, else what stands."""
    day = dt.date.max if isinstance(value, Duration) else point.day
    stand = standing(value, changes_of(value), day, point.area)
    return list(stand.values())[-1] if point.area is not None else stand[None]


def _scaled(
    value: Changeable,
    at: KeyPath,
    changes: Sequence[Entry],
    point: Point,
    divisions: Sequence[str],
) -> list[Entry]:
    """The changes of a value with all that holds from the day on multiplied. Raises Slip."""
    later = [change for change in changes if change["from"] >= point.day]
    if point.area is not None and (general := [one for one in later if one["area"] is None]):
        raise Slip(
            f"on {general[0]['from']} this value changes in all divisions, so that it cannot be "
            "scaled in one alone.",
            "Leave area out.",
        )
    whole = is_one_of(at, WHOLE_NUMBERS)
    found = [dict(change) for change in changes]
    for change in found:
        if _is_met(change, point):
            _scale(change, value, at, point, whole=whole)
    on_day = {change["area"] for change in later if change["from"] == point.day}
    stand = standing(value, changes_of(value), point.day, point.area)
    if None in on_day:
        places: list[str | None] = []
    elif point.area is not None:
        places = [point.area]
    else:
        places = [None] if len(stand) == 1 and not on_day else list(divisions)
    for place in places:
        if place in on_day:
            continue
        stood = stand.get(place, stand.get(None, content_of(value)))
        added = {**ASSUMED, "from": point.day, "area": place, "note": "", **stood, "range": None}
        _scale(added, value, at, point, whole=whole)
        found.append(added)
    return found


def _scale(change: Entry, value: Changeable, at: KeyPath, point: Point, *, whole: bool) -> None:
    """Multiply a change, and widen its range by the bounds of the factor."""
    stood = _numbers(change)
    content = content_after(value, at, stood, point.change, change["area"])
    change.update(clamp_numbers(content, (-math.inf, math.inf), whole=whole))
    ends = [*_flat(stood), *_flat(_numbers(change))]
    low, high = point.bounds
    own = change["range"] or (min(ends), max(ends))
    change["range"] = (min(own[0], own[0] * low, *ends), max(own[1], own[1] * high, *ends))


def _flat(content: Content) -> list[float]:
    """The levels among the numbers of an entry."""
    numbers: list[float] = []
    for key, number in content.items():
        if key != "p90":
            numbers += number.values() if isinstance(number, Mapping) else [number]
    return numbers
