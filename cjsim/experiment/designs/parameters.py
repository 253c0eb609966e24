"""A model with some of its values at other levels: what sweeps and sensitivity studies run."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.base import Duration, Number
from cjsim.schema.change import (
    Change,
    OfEntries,
    Scale,
    SetLevel,
    content_after,
    content_of,
    is_table,
)
from cjsim.schema.checks.whole_model import check
from cjsim.schema.files import KeyPath, dotted
from cjsim.schema.messages import problems
from cjsim.schema.model import Model, in_its_jurisdiction
from cjsim.schema.odds import OddsFactor
from cjsim.schema.parameter_paths import (
    WHOLE_NUMBERS,
    Changeable,
    changeable_values,
    is_one_of,
    places_of,
    settable_values,
)
from cjsim.storage.plain import PlainTable

Entry = PlainTable
"""One entry of a value, dated or not, as plain values."""

FACTOR: Final = "factor "
"""What a heading begins with whose column holds factors on what stands at the path behind it."""

VARIABLE_KINDS: Final = (Number, Duration, OddsFactor)
"""The kinds of value that a study can move; shares, weights and rules are none of them."""

_NUMBERS: Final = ("value", "factor", "median", "p90", "mean", "fixed")
_LEVELS: Final = ("value", "factor", "median", "mean", "fixed")


@dataclass(frozen=True)
class FactorEntry:
    """One entry of a value: its undated one (`place` None) or one of its changes, with its range.

    `level` is where it stands: its number, its length, or 1 for a table, which is scaled.
    """

    place: int | None
    low: float
    high: float
    level: float
    scales: bool = False


@dataclass(frozen=True)
class Factor:
    """A value whose parts go over their ranges together, in the scenario named or in all."""

    path: str
    parts: tuple[FactorEntry, ...]
    scenario: str | None
    entries: tuple[str, ...] = ()
    """The entries of a table that go over the range; the whole value if there are none."""

    @property
    def heading(self) -> str:
        """What its column of levels is called: a factor's says that it is one."""
        return f"{FACTOR}{self.written}" if self.parts[0].scales else self.written

    @property
    def written(self) -> str:
        """The path with the entries of the table that are meant."""
        return f"{self.path}.{','.join(self.entries)}" if self.entries else self.path

    @property
    def name(self) -> str:
        """The path without the table that it stands in, for headings."""
        return self.written.partition(".")[2]

    @property
    def at_rest(self) -> float:
        """The share of the way from low to high at which it stands: that of its first part."""
        part = self.parts[0]
        return (part.level - part.low) / (part.high - part.low)

    def level(self, share: float) -> float:
        """The first part's level at a share of its way from low to high."""
        return self.level_of(self.parts[0], share)

    def level_of(self, part: FactorEntry, share: float) -> float:
        """A part's level at a share of its way from low to high, whole where it must be."""
        level = part.low + (part.high - part.low) * share
        return float(round(level)) if self.whole and not part.scales else level

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return is_one_of(tuple(self.path.split(".")), WHOLE_NUMBERS)


def factors_of(scenario: ResolvedScenario) -> tuple[list[Factor], list[str]]:
    """One factor for each path that a scenario sets with a range; and the paths left out.

    The entries of a path (other days, other divisions) are one factor, because nobody would move
    one of them alone.
    """
    factors, left_out = [], []
    values = dict(settable_values(scenario.model))
    for at, changes in scenario.added_by_value.items():
        added = {(change.day, change.division) for change in changes}
        value = values[at]
        parts = [
            part
            for position, entry in enumerate(value.changes)
            if (entry.from_, entry.area) in added
            and isinstance(value, VARIABLE_KINDS)
            and (part := _part(position, entry.model_dump(), entry.range)) is not None
        ]
        if parts:
            factors.append(Factor(dotted(at), tuple(parts), scenario.name))
        else:
            left_out.append(dotted(at))
    return factors, left_out


def factor_of_value(at: KeyPath, value: Changeable) -> Factor | None:
    """A value of the model itself over its own range; None where it has none to go over.

    A table is scaled by one factor, as far as its range lets every entry go.
    """
    if not isinstance(value, VARIABLE_KINDS):
        return None
    part = _part(None, value.model_dump(), value.range)
    return None if part is None else Factor(dotted(at), (part,), None)


def factor_of_model(model: Model, path: str, file: str, key: str, *, factor: bool) -> Factor:
    """A parameter of the model as a factor, varied over its range; Faults if it has none.

    A table is scaled, and only where a `factor` is asked for.
    """
    at, value, entries = known_value(model, path, file, key)
    lever = _of_entries(at, value, entries) if entries else factor_of_value(at, value)
    if lever is None:
        wrong = f'"{path}" has no range that it could be varied over.'
        remedy = "Give it one in the model, or leave it out."
        raise _fault(file, key, wrong, remedy)
    (part,) = lever.parts
    if part.scales and not factor:
        _refuse_a_level(at, value, file, key)
    if part.scales or not factor:
        return lever
    if part.level <= 0:
        raise _fault(file, key, f'"{path}" is 0, which no factor moves.', "Leave factor out.")
    scaled = FactorEntry(None, part.low / part.level, part.high / part.level, 1.0, scales=True)
    return Factor(dotted(at), (scaled,), None, entries)


def factor_over(
    model: Model,
    path: str,
    bounds: tuple[float, float] | None,
    file: str,
    key: str,
    *,
    factor: bool,
) -> Factor:
    """A value of the model over given bounds, those of its own range when there are none.

    With `factor` the bounds are those of a factor on all that stands there; a table can be varied
    in no other way. Raises Faults.
    """
    if bounds is None:
        return factor_of_model(model, path, file, key, factor=factor)
    at, value, entries = known_value(model, path, file, key)
    low, high = bounds
    own = value.range
    if not isinstance(value, VARIABLE_KINDS):
        wrong = f'"{path}" is a table of shares or weights, which cannot be varied as one.'
        raise _fault(file, key, wrong, "Name a number or a length of time.")
    if factor:
        if not 0 < low <= 1 <= high:
            wrong = "the bounds of a factor lie around 1."
            raise _fault(file, key, wrong, "Write such as [0.8, 1.25].")
        scaled = FactorEntry(None, low, high, 1.0, scales=True)
        return Factor(dotted(at), (scaled,), None, entries)
    if not entries:
        _refuse_a_level(at, value, file, key)
    if own is not None and not own[0] <= low <= high <= own[1]:
        wrong = f"{low:g} to {high:g} goes beyond the number's own range {list(own)}."
        raise _fault(file, key, wrong, "Stay within it, or widen it in the model.")
    if entries:
        level = _level_of(value, entries)
    else:
        given = [getattr(value, name, None) for name in _LEVELS]
        level = next(float(number) for number in given if number is not None)
    return Factor(dotted(at), (FactorEntry(None, low, high, level),), None, entries)


def _of_entries(at: KeyPath, value: Changeable, entries: tuple[str, ...]) -> Factor | None:
    """Entries of a table as a factor over the range of the table; None if it has none."""
    if value.range is None:
        return None
    part = FactorEntry(None, *value.range, _level_of(value, entries))
    return Factor(dotted(at), (part,), None, entries)


def _level_of(value: Changeable, entries: tuple[str, ...]) -> float:
    """Where the first of some entries of a table stands."""
    table = value.value if isinstance(value, Number) else {}
    assert isinstance(table, Mapping)
    return float(table.get(entries[0], table.get("default", 0.0)))


@in_its_jurisdiction
def at_shares(scenario: ResolvedScenario, shares: Mapping[Factor, float]) -> ResolvedScenario:
    """A scenario with each factor at a share of the way over its range.

    Factors of other scenarios are left as they are. Raises Faults when no such model can be.
    """
    model = scenario.model
    new: dict[KeyPath, Changeable] = {}
    values = {dotted(at): (at, value) for at, value in changeable_values(model)}
    for lever, share in shares.items():
        if lever.scenario not in (None, scenario.name):
            continue
        at, value = values[lever.path]
        entry = new.get(at, value).model_dump(by_alias=True)
        for part in lever.parts:
            holder = entry if part.place is None else entry["changes"][part.place]
            level = lever.level_of(part, share)
            if part.scales:
                change: Change = Scale(level)
            else:
                change = SetLevel(min(max(float(f"{level:.12g}"), part.low), part.high))
            _apply(holder, value, at, change, lever.entries)
        new[at] = validate_value(value, entry, lever.path)
    return with_checked_values(scenario, new)


@in_its_jurisdiction
def at_levels(scenario: ResolvedScenario, levels: Mapping[str, float]) -> ResolvedScenario:
    """A scenario whose undated values stand at other levels, by the headings of `Factor.heading`.

    The level of a length is its median, mean or fixed length. Dated changes stay as they are.
    Raises Faults when no such model can be.
    """
    changes: dict[str, Change] = {
        heading.removeprefix(FACTOR): Scale(level)
        if heading.startswith(FACTOR)
        else SetLevel(level)
        for heading, level in levels.items()
    }
    values = {dotted(at): (at, value) for at, value in changeable_values(scenario.model)}
    new: dict[KeyPath, Changeable] = {}
    for path, change in changes.items():
        name, entries = place_of(path, values)
        at, value = values.get(name, ((), None))
        if value is None or not isinstance(value, VARIABLE_KINDS):
            wrong = f'the model has no number "{path}".'
            raise Faults([Fault("", path, wrong, did_you_mean(path, list(values)))])
        entry = new.get(at, value).model_dump(by_alias=True)
        whole = is_one_of(at, WHOLE_NUMBERS)
        if isinstance(change, SetLevel):
            level = float(f"{change.number:.12g}")
            change = SetLevel(float(round(level)) if whole else level)
        try:
            _apply(entry, value, at, change, entries)
        except Slip as slip:
            remedy = f'Its heading must be "{FACTOR}{path}", and its levels factors.'
            raise Faults([Fault("", path, slip.wrong, remedy)]) from None
        new[at] = validate_value(value, entry, path)
    return with_checked_values(scenario, new)


def known_value(
    model: Model, path: str, file: str, key: str
) -> tuple[KeyPath, Changeable, tuple[str, ...]]:
    """A value of a model that may be varied, where it stands, and which entries of its table.

    No entries stand for the whole value. Raises Faults.
    """
    values = {dotted(at): (at, value) for at, value in changeable_values(model)}
    name, entries = place_of(path, values)
    if name not in values:
        wrong = f'the model has no value "{path}" that could be varied.'
        raise _fault(file, key, wrong, did_you_mean(path, list(values)))
    at, value = values[name]
    if entries:
        try:
            content_after(value, at, content_of(value), OfEntries(entries, Scale(1.0)), None)
        except Slip as slip:
            raise _fault(file, key, slip.wrong, slip.remedy) from None
    return at, value, entries


def place_of(path: str, known: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The one value that a path names, and the entries of its table; no value: the path itself."""
    places = places_of(path, known)
    return places[0] if len(places) == 1 else (path, ())


def _fault(file: str, key: str, wrong: str, remedy: str) -> Faults:
    return Faults([Fault(file, key, wrong, remedy, key.partition(".")[0])])


def _refuse_a_level(at: KeyPath, value: Changeable, file: str, key: str) -> None:
    """Raise Faults where a study would go over levels of a table without saying how."""
    if isinstance(value, Number) and is_table(value.value):
        wrong = f'"{dotted(at)}" is a table, whose entries no one number can stand for.'
        remedy = "Add factor = true: then one factor multiplies all entries, and 1 is as it stands."
        raise _fault(file, key, wrong, remedy)


def _part(
    place: int | None, entry: Entry, bounds: tuple[float, float] | None
) -> FactorEntry | None:
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
        scaled = FactorEntry(place, low / min(numbers), high / max(numbers), 1.0, scales=True)
        return scaled if scaled.low < 1 < scaled.high else None
    given = [entry.get(key) for key in _LEVELS]
    level = next((float(number) for number in given if number is not None), low)
    return FactorEntry(place, low, high, level) if low < high and low <= level <= high else None


def _apply(
    entry: Entry,
    value: Changeable,
    at: KeyPath,
    change: Change,
    entries: tuple[str, ...] = (),
) -> None:
    """Change the numbers of an entry; what is scaled is kept whole where it must be."""
    stood = {key: entry[key] for key in _NUMBERS if entry.get(key) is not None}
    of_entries = OfEntries(entries, change) if entries else change
    content = content_after(value, at, stood, of_entries, None)
    if isinstance(change, Scale):
        bounds = entry.get("range") or (0.0, math.inf)
        content = clamp_numbers(content, bounds, whole=is_one_of(at, WHOLE_NUMBERS))
    entry.update(content)


def clamp_numbers(content: Entry, bounds: tuple[float, float], *, whole: bool) -> Entry:
    """Numbers with twelve digits, or whole ones, none of them beyond the bounds; a p90 is free."""

    def kept(number: float) -> float:
        rounded = float(round(number) if whole else f"{number:.12g}")
        return min(max(rounded, bounds[0]), bounds[1])

    return {
        key: number
        if key == "p90"
        else {word: kept(each) for word, each in number.items()}
        if isinstance(number, Mapping)
        else kept(number)
        for key, number in content.items()
    }


def validate_value(value: Changeable, entry: Entry, path: str) -> Changeable:
    """The value that an entry with other numbers describes. Raises Faults at its path."""
    try:
        return type(value).model_validate(entry, by_alias=True, by_name=False)
    except ValidationError as error:
        found = problems(error, entry, type(value))
        raise Faults(Fault("", path, one.wrong, one.remedy) for one in found) from None
    except Slip as slip:
        raise Faults([Fault("", path, slip.wrong, slip.remedy)]) from None


def with_checked_values(
    scenario: ResolvedScenario, values: Mapping[KeyPath, Changeable]
) -> ResolvedScenario:
    """The scenario with some values replaced. Raises Faults for problems that are new with them."""
    changed = scenario.with_values(values)
    problems_now = check(changed.model)
    # Most of the hundreds of models of a study have no problem: only then is the old one checked.
    problems_before = set(check(scenario.model)) if problems_now else set()
    new = [problem for problem in problems_now if problem not in problems_before]
    if new:
        raise Faults(Fault("", dotted(each.at), each.wrong, each.remedy) for each in new)
    return changed
