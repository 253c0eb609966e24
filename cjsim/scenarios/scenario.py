"""A scenario as it runs: its complete model, and every change that it makes to the baseline's.

A change is recorded when it is made: by a setting of an experiment file, or by a study that moves a
value. Code that needs the changes reads them here and does not compare models. Two kinds of model
come without their changes and are compared once, by `changes_between`: models made by hand, and
those of results that an earlier version wrote.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from cjsim.schema.base import Dated, Sourced
from cjsim.schema.files import KeyPath, dotted
from cjsim.schema.model import Model
from cjsim.schema.parameter_paths import Changeable, changeable_values
from cjsim.storage.plain import PlainTable

Described = TypeVar("Described", bound=BaseModel)

ChangeKey = tuple[KeyPath, dt.date | None, str | None]
"""The path of a value, and the day and the division of the entry that is changed."""

_PEDIGREE: Final = frozenset({"source", "evidence", "range", "note", "derivation", "changes"})
_NOT_STRUCTURE: Final = frozenset(
    {"title", "description", "costs", "note", "source", "evidence", "range", "derivation"}
)
"""What a model says for readers, and the prices, which no case meets."""


@dataclass(frozen=True)
class ScenarioChange:
    """One entry of a value that differs from the baseline's.

    `at` is the path of the value. `entry` has its numbers, source, evidence and range and, where it
    is a dated entry, its day and division. `before` is the baseline's undated value. `replaces` is
    true where the baseline has an entry of the same day and division. `stated_in` names the
    scenario whose settings state the change; it is empty for a value that a study moves.
    """

    at: KeyPath
    entry: Sourced
    before: Sourced
    replaces: bool = False
    stated_in: str = ""

    @property
    def path(self) -> str:
        """The dotted path of the value."""
        return dotted(self.at)

    @property
    def day(self) -> dt.date | None:
        """The day from which it holds; None where the undated value is changed."""
        return self.entry.from_ if isinstance(self.entry, Dated) else None

    @property
    def division(self) -> str | None:
        """The division in which it holds; None for all of them."""
        return self.entry.area if isinstance(self.entry, Dated) else None

    @property
    def key(self) -> ChangeKey:
        """Path, day and division: no two changes of a scenario have the same."""
        return self.at, self.day, self.division


@dataclass(frozen=True)
class ResolvedScenario:
    """A scenario's complete model, and its changes in the order of the model's values.

    `needs_own_start` is true where its simulation differs from the baseline's from the first day
    for a reason that is no change of a value, such as another courthouse.
    """

    name: str
    model: Model
    changes: tuple[ScenarioChange, ...] = ()
    needs_own_start: bool = False

    @property
    def added(self) -> list[ScenarioChange]:
        """The dated entries that the baseline has not."""
        return [change for change in self.changes if change.day is not None and not change.replaces]

    @property
    def added_by_value(self) -> dict[KeyPath, list[ScenarioChange]]:
        """The dated entries that the baseline has not, by the path of their value."""
        by_value: dict[KeyPath, list[ScenarioChange]] = {}
        for change in self.added:
            by_value.setdefault(change.at, []).append(change)
        return by_value

    def with_values(
        self,
        values: Mapping[KeyPath, Changeable],
        stated_in: Mapping[ChangeKey, str] | None = None,
    ) -> ResolvedScenario:
        """The scenario with some values replaced, and with their changes recorded.

        `stated_in` names the scenario that states a change.
        """
        if not values:
            return self
        current = dict(changeable_values(self.model))
        changes = {change.key: change for change in self.changes}
        for at, value in values.items():
            for change in _changes_of_value(at, current[at], value):
                earlier = changes.get(change.key)
                changes[change.key] = (
                    replace(change, stated_in=(stated_in or {}).get(change.key, ""))
                    if earlier is None
                    else replace(earlier, entry=change.entry)
                )
        model = replace_values(self.model, values)
        return replace(self, model=model, changes=_in_order_of(model, changes))


def baseline_of(scenarios: Mapping[str, ResolvedScenario]) -> ResolvedScenario:
    """The first scenario, which the others are compared with."""
    return next(iter(scenarios.values()))


def scenarios_of(models: Mapping[str, Model]) -> dict[str, ResolvedScenario]:
    """Scenarios from models alone, the first of which is the baseline's."""
    baseline = next(iter(models.values()))
    return {name: changes_between(baseline, name, model) for name, model in models.items()}


def changes_between(baseline: Model, name: str, model: Model) -> ResolvedScenario:
    """A scenario of which only the model is known, with its changes found by comparison."""
    if model is baseline:
        return ResolvedScenario(name, model)
    before = dict(changeable_values(baseline))
    changes = [
        change
        for at, value in changeable_values(model)
        if at in before
        for change in _changes_of_value(at, before[at], value)
    ]
    alike = _has_same_structure(baseline, model)
    return ResolvedScenario(name, model, tuple(changes), needs_own_start=not alike)


def says_the_same(one: Sourced, other: Sourced) -> bool:
    """Whether two undated values have the same numbers, whatever their source and range."""
    return one.model_dump(exclude=set(_PEDIGREE)) == other.model_dump(exclude=set(_PEDIGREE))


def _changes_of_value(
    at: KeyPath, before: Changeable, after: Changeable
) -> Iterator[ScenarioChange]:
    """What a value says that it did not say before."""
    if after is before:
        return
    undated, undated_after = (value.model_copy(update={"changes": ()}) for value in (before, after))
    if not says_the_same(undated, undated_after):
        yield ScenarioChange(at, undated_after, undated, replaces=True)
    entries = {(entry.from_, entry.area): entry for entry in before.changes}
    for entry in after.changes:
        key = (entry.from_, entry.area)
        if entries.get(key) != entry:
            yield ScenarioChange(at, entry, undated, replaces=key in entries)


def _in_order_of(
    model: Model, changes: Mapping[ChangeKey, ScenarioChange]
) -> tuple[ScenarioChange, ...]:
    """Changes in the order in which the model has their entries."""
    paths = {at for at, _, _ in changes}
    in_order: list[ScenarioChange] = []
    for at, value in changeable_values(model):
        if at in paths:
            keys: list[ChangeKey] = [(at, None, None)]
            keys += [(at, entry.from_, entry.area) for entry in value.changes]
            in_order += [changes[key] for key in keys if key in changes]
    return tuple(in_order)


def _has_same_structure(one: object, other: object) -> bool:
    """Whether two parts of models differ in nothing but sourced values and what readers see."""
    if one is other or (isinstance(one, Changeable) and type(one) is type(other)):
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, BaseModel):
        return all(
            _has_same_structure(getattr(one, name), getattr(other, name))
            for name in type(one).model_fields
            if name not in _NOT_STRUCTURE
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(
            _has_same_structure(one[key], other[key]) for key in one
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_has_same_structure, one, other))
    return one == other


def replace_values(model: Described, values: Mapping[KeyPath, Sourced]) -> Described:
    """A model, or a part of one, with some of its values replaced, by their paths."""
    return _replace_below(model, (), values)


def _replace_below(part: Described, above: KeyPath, values: Mapping[KeyPath, Sourced]) -> Described:
    update: PlainTable = {}
    for name in type(part).model_fields:
        at = (*above, name)
        if any(path[: len(at)] == at for path in values):
            update[name] = _replacement(getattr(part, name), at, values)
    return part.model_copy(update=update) if update else part


def _replacement(value: Any, at: KeyPath, values: Mapping[KeyPath, Sourced]) -> Any:
    if at in values:
        return values[at]
    if isinstance(value, BaseModel):
        return _replace_below(value, at, values)
    return {
        key: _replacement(below, (*at, key), values)
        if any(path[: len(at) + 1] == (*at, key) for path in values)
        else below
        for key, below in value.items()
    }
