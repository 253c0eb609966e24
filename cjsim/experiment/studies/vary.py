"""A model with some of its values at other levels: what sweeps and sensitivity studies run."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.spec.base import Duration, Number
from cjsim.spec.checks.whole import check
from cjsim.spec.files import KeyPath, dotted
from cjsim.spec.messages import problems
from cjsim.spec.model import Model
from cjsim.spec.resolve import replaced
from cjsim.spec.values import Changeable, changeable_values, is_one_of, settable_values

WHOLE: Final = ("pools.*.capacity",)
"""Values of which only whole numbers make sense."""

ASSUMED: Final = {"source": "assumption", "evidence": "assumed"}


@dataclass(frozen=True)
class Part:
    """One entry of a value: its undated one (`place` None) or one of its changes, with its range.

    `level` is where it stands: its number, its length, or 1 for a table, which is scaled.
    """

    place: int | None
    low: float
    high: float
    level: float
    scales: bool = False


@dataclass(frozen=True)
class Lever:
    """A value whose parts go over their ranges together, in the scenario named or in all."""

    path: str
    parts: tuple[Part, ...]
    scenario: str | None

    @property
    def name(self) -> str:
        """The path without the table that it stands in, for headings."""
        return self.path.partition(".")[2]

    @property
    def at_rest(self) -> float:
        """The share of the way from low to high at which it stands: that of its first part."""
        part = self.parts[0]
        return (part.level - part.low) / (part.high - part.low)

    def level(self, share: float) -> float:
        """The first part's level at a share of its way from low to high."""
        return self.level_of(self.parts[0], share)

    def level_of(self, part: Part, share: float) -> float:
        """A part's level at a share of its way from low to high, whole where it must be."""
        level = part.low + (part.high - part.low) * share
        return float(round(level)) if self.whole and not part.scales else level

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return is_one_of(tuple(self.path.split(".")), WHOLE)


def levers_of(baseline: Model, scenario: str, model: Model) -> tuple[list[Lever], list[str]]:
    """What a scenario sets and what has a range, one lever for each path; and the paths left out.

    The parts of a path (other days, other divisions) are one lever: nobody would move one of them
    alone.
    """
    before = dict(settable_values(baseline))
    found, left_out = [], []
    for at, value in settable_values(model):
        old = before.get(at)
        if old is None or value is old:
            continue
        known = {(change.from_, change.area) for change in old.changes}
        parts = [
            part
            for place, change in enumerate(value.changes)
            if (change.from_, change.area) not in known
            and isinstance(value, (Number, Duration))
            and (part := _part(place, change.model_dump(), change.range)) is not None
        ]
        if parts:
            found.append(Lever(dotted(at), tuple(parts), scenario))
        elif len(value.changes) > len(old.changes):
            left_out.append(dotted(at))
    return found, left_out


def lever_of_model(model: Model, path: str, file: str, key: str) -> Lever:
    """A value of the model itself, over its own range. Raises Faults when it has none."""
    values = {dotted(at): value for at, value in changeable_values(model)}
    value = _known(values, path, file, key)
    movable = isinstance(value, (Number, Duration))
    part = _part(None, value.model_dump(), value.range) if movable else None
    if part is None:
        wrong = f'"{path}" has no range that it could be varied over.'
        remedy = "Give it one in the model, or leave it out."
        raise Faults([Fault(file, key, wrong, remedy, key.partition(".")[0])])
    return Lever(path, (part,), None)


def lever_over(
    model: Model, path: str, bounds: tuple[float, float] | None, file: str, key: str
) -> Lever:
    """A value of the model over given bounds, those of its own range when there are none.

    For a table the bounds are of one factor on all of its entries. Raises Faults.
    """
    if bounds is None:
        return lever_of_model(model, path, file, key)
    value = _known({dotted(at): one for at, one in changeable_values(model)}, path, file, key)
    low, high = bounds
    own = value.range
    table = isinstance(value, Number) and isinstance(value.value, dict)
    heading = key.partition(".")[0]
    if not isinstance(value, (Number, Duration)):
        wrong = f'"{path}" is a table of shares or weights, which cannot be varied as one.'
        raise Faults([Fault(file, key, wrong, "Name a number or a length of time.", heading)])
    if not table and own is not None and not own[0] <= low <= high <= own[1]:
        wrong = f"{low:g} to {high:g} goes beyond the number's own range {list(own)}."
        raise Faults(
            [Fault(file, key, wrong, "Stay within it, or widen it in the model.", heading)]
        )
    if table and not 0 < low <= 1 <= high:
        wrong = "the bounds of a table are those of a factor on it, around 1."
        raise Faults([Fault(file, key, wrong, "Write such as [0.8, 1.25].", heading)])
    given = [getattr(value, name, None) for name in ("value", "median", "mean", "fixed")]
    level = 1.0 if table else next(float(number) for number in given if number is not None)
    return Lever(path, (Part(None, low, high, level, scales=table),), None)


def at_shares(model: Model, scenario: str, shares: Mapping[Lever, float]) -> Model:
    """A scenario's model with each lever at a share of the way over its range.

    Levers of other scenarios are left as they are. Raises Faults when no such model can be.
    """
    new: dict[KeyPath, Changeable] = {}
    values = {dotted(at): (at, value) for at, value in changeable_values(model)}
    for lever, share in shares.items():
        if lever.scenario not in (None, scenario):
            continue
        at, value = values[lever.path]
        entry = new.get(at, value).model_dump(by_alias=True)
        for part in lever.parts:
            holder = entry if part.place is None else entry["changes"][part.place]
            _set_level(holder, part, lever.level_of(part, share), whole=lever.whole)
        new[at] = validated(value, entry, lever.path)
    return checked(replaced(model, (), new), model)


def at_levels(model: Model, levels: Mapping[str, float]) -> Model:
    """A model whose undated values stand at other levels, by path.

    The level of a length is its median, mean or fixed length, that of a table a factor on all of
    its entries. Dated changes stay as they are. Raises Faults when no such model can be.
    """
    values = {dotted(at): (at, value) for at, value in changeable_values(model)}
    new: dict[KeyPath, Changeable] = {}
    for path, level in levels.items():
        at, value = values.get(path, ((), None))
        if value is None or not isinstance(value, (Number, Duration)):
            wrong = f'the model has no number "{path}".'
            raise Faults([Fault("", path, wrong, did_you_mean(path, list(values)))])
        entry = value.model_dump(by_alias=True)
        table = isinstance(value, Number) and isinstance(value.value, dict)
        part = Part(None, -math.inf, math.inf, 1.0, scales=table)
        whole = is_one_of(tuple(path.split(".")), WHOLE)
        _set_level(entry, part, float(round(level)) if whole and not table else level, whole=whole)
        new[at] = validated(value, entry, path)
    return checked(replaced(model, (), new), model)


def with_settings(
    model: Model, levels: Mapping[str, tuple[float, str | None, dt.date]], bounds: Mapping[str, Any]
) -> Model:
    """A model whose values stand at given levels, by path: level, division and first day.

    What a scenario sets there already, in that division or in all, is set to the level; where
    nothing is set, a change is added. `bounds` are the ranges to declare. Raises Faults.
    """
    values = {dotted(at): (at, value) for at, value in settable_values(model)}
    new: dict[KeyPath, Changeable] = {}
    for path, (level, area, day) in levels.items():
        at, value = values[path]
        entry = value.model_dump(by_alias=True)
        changes = list(entry["changes"])
        mine = [one for one in changes if one["from"] >= day and area in (None, one["area"])]
        if not mine:
            law = _law_of(value, area)
            mine = [{**ASSUMED, "from": day, "area": area, **law, "note": ""}]
            changes.append(mine[0])
        for one in mine:
            one["range"] = bounds[path]
            _set_number(one, level)
        changes.sort(key=lambda one: (one["from"], one["area"] or ""))
        new[at] = validated(value, {**entry, "changes": changes}, path)
    return checked(replaced(model, (), new), model)


def sweepable(model: Model, paths: Sequence[str], file: str) -> None:
    """Raise Faults for paths that lead to no number, chance or length that can be swept."""
    values = {dotted(at): value for at, value in settable_values(model)}
    faults: list[Fault] = []
    for path in paths:
        try:
            value = _known(values, path, file, f"sweep.over.{path}")
        except Faults as found:
            faults += found.faults
            continue
        if not isinstance(value, (Number, Duration)):
            wrong = f'"{path}" is a table of shares or weights, which cannot be swept.'
            remedy = "Sweep a number, a probability or a length of time."
            faults.append(Fault(file, f"sweep.over.{path}", wrong, remedy, "sweep.over"))
    if faults:
        raise Faults(faults)


def _known(values: Mapping[str, Changeable], path: str, file: str, key: str) -> Changeable:
    if path not in values:
        wrong = f'the model has no value "{path}" that could be varied.'
        table = key.partition(".")[0]
        raise Faults([Fault(file, key, wrong, did_you_mean(path, list(values)), table)])
    return values[path]


def _part(
    place: int | None, entry: Mapping[str, Any], bounds: tuple[float, float] | None
) -> Part | None:
    """An entry over its range; None if it has none, or no level that could move."""
    if bounds is None:
        return None
    low, high = bounds
    value = entry.get("value")
    if isinstance(value, Mapping):
        numbers = list(value.values())
        if min(numbers) <= 0:
            return None
        # Every entry stays within the range when all of them are scaled by one factor.
        scaled = Part(place, low / min(numbers), high / max(numbers), 1.0, scales=True)
        return scaled if scaled.low < 1 < scaled.high else None
    given = [entry.get(key) for key in ("value", "median", "mean", "fixed")]
    level = next((float(number) for number in given if number is not None), low)
    return Part(place, low, high, level) if low < high and low <= level <= high else None


def _set_level(entry: dict[str, Any], part: Part, level: float, *, whole: bool) -> None:
    if part.scales:
        low, high = entry["range"] or (0.0, math.inf)
        scaled = {key: number * level for key, number in entry["value"].items()}
        entry["value"] = {
            key: min(max(float(round(number) if whole else f"{number:.12g}"), low), high)
            for key, number in scaled.items()
        }
    else:
        _set_number(entry, min(max(float(f"{level:.12g}"), part.low), part.high))


def _set_number(entry: dict[str, Any], level: float) -> None:
    """The number of an entry, or its length with the spread in proportion."""
    for key in ("median", "mean", "fixed"):
        if entry.get(key) is not None:
            if entry.get("p90") is not None and entry[key]:
                entry["p90"] = float(f"{entry['p90'] * level / entry[key]:.12g}")
            entry[key] = level
            return
    entry["value"] = level


def _law_of(value: Changeable, area: str | None) -> dict[str, Any]:
    """The keys of a new change: those of the length in force at the end, or a number."""
    if not isinstance(value, Duration):
        return {"value": 0.0}
    last: Any = value
    for change in value.changes:
        if change.area in (None, area):
            last = change
    return {key: getattr(last, key) for key in ("median", "p90", "mean", "fixed")}


def validated(value: Changeable, entry: dict[str, Any], path: str) -> Changeable:
    """The value that an entry with other numbers describes. Raises Faults at its path."""
    try:
        return type(value).model_validate(entry, by_alias=True, by_name=False)
    except ValidationError as error:
        found = problems(error, entry, type(value))
        raise Faults(Fault("", path, one.wrong, one.remedy) for one in found) from None
    except Slip as slip:
        raise Faults([Fault("", path, slip.wrong, slip.remedy)]) from None


def checked(model: Model, before: Model) -> Model:
    """The model, if nothing is wrong with it that was not before. Raises Faults."""
    found = check(model)
    # Studies make hundreds of models, and nothing is wrong in most: then the old one is not asked.
    known = set(check(before)) if found else set()
    wrong = [problem for problem in found if problem not in known]
    if wrong:
        raise Faults(Fault("", dotted(one.at), one.wrong, one.remedy) for one in wrong)
    return model
