"""A model at another size: cases exactly, people rounded up, courtrooms by their days a year."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from cjsim.scenarios.scenario import ResolvedScenario, replace_values
from cjsim.schema.areas import Areas
from cjsim.schema.base import Amount, Profile
from cjsim.schema.files import KeyPath
from cjsim.schema.model import Courthouse, House, ListSpec, Model
from cjsim.schema.parameter_paths import Changeable, is_one_of, settable_values

Value = TypeVar("Value", Amount, Profile)

SLACK: Final = 1e-9
"""Below this a product that is a whole number but for its last digits is that number."""

CASES: Final = ("streams.*.per_year", "streams.*.per_quarter")
"""What is counted in cases: it takes any size."""

PEOPLE: Final = ("pools.*.capacity", "advocates.*.at_court", "sitters.*.at_once")
"""What is counted in people and cells: whole ones, rounded up; none stays none."""


def model_of_area(areas: Areas, base: Model, name: str) -> Model:
    """The model of one of several areas."""
    return at_scale(base, areas.scale(name), area=name, title=areas.of[name].title)


def scenario_of_area(
    areas: Areas, baseline: Model, scenario: ResolvedScenario, name: str
) -> ResolvedScenario:
    """A scenario in one of several areas; `baseline` is the model that it is compared with.

    More courtrooms get names of their own, which a simulation has from its first day on.
    """
    model = model_of_area(areas, scenario.model, name)
    courtrooms = [_courtrooms(each) for each in (model, model_of_area(areas, baseline, name))]
    needs_own_start = scenario.needs_own_start or courtrooms[0] != courtrooms[1]
    return replace(scenario, model=model, needs_own_start=needs_own_start)


def _courtrooms(model: Model) -> list[tuple[str, ...]]:
    return [
        model.courtrooms(word, house) for word, spec in model.lists.items() for house in spec.houses
    ]


def at_scale(base: Model, scale: float, *, area: str, title: str) -> Model:
    """A model at another size, under the name of its random streams. At size 1 it is the same."""
    named = {"area": area, "title": title}
    if scale == 1.0:
        return base.model_copy(update=named)
    new: dict[KeyPath, Changeable] = {}
    for at, value in settable_values(base):
        if is_one_of(at, CASES):
            assert isinstance(value, Amount)
            new[at] = _each(value, lambda number: number * scale)
        elif is_one_of(at, PEOPLE):
            assert isinstance(value, Amount)
            new[at] = _each(value, lambda number: float(math.ceil(number * scale - SLACK)))
    model = replace_values(base, new)
    lists = {word: _list_at(model, word, scale) for word in model.lists}
    courthouses = {
        word: courthouse.model_copy(update={"courtrooms": _courtrooms_of(word, courthouse, lists)})
        for word, courthouse in model.courthouses.items()
    }
    return model.model_copy(update={**named, "lists": lists, "courthouses": courthouses})


def _courtrooms_of(
    word: str, courthouse: Courthouse, lists: Mapping[str, ListSpec]
) -> tuple[str, ...]:
    """The courtrooms of a courthouse and those of its lists, enough for all lists at one time."""
    houses = [spec.houses[word] for spec in lists.values() if word in spec.houses]
    names = [*courthouse.courtrooms, *(room for house in houses for room in house.courtrooms)]
    at_once = sum(max(map(max, _weeks(house.rooms))) for house in houses)
    return _with_enough(tuple(dict.fromkeys(names)), at_once)


def _weeks(rooms: Profile) -> list[tuple[float, ...]]:
    """The courtrooms that sit on each weekday, now and from later days on."""
    return [rooms.value, *(change.value for change in rooms.changes)]


def _with_enough(courtrooms: tuple[str, ...], number: float) -> tuple[str, ...]:
    """Names of courtrooms, with more of them up to a number."""
    names, place = list(courtrooms), 0
    while len(names) < number:
        place += 1
        if (name := f"court {place}") not in names:
            names.append(name)
    return tuple(names)


def _list_at(model: Model, word: str, scale: float) -> ListSpec:
    """A court list with so many times the sittings a year.

    A courthouse has its usual week so many times over, rounded up, and holds as large a share of
    that as makes the size right: shares are added up over the year and held by whole courtrooms.
    """
    spec, times = model.lists[word], math.ceil(scale - SLACK)
    weekly = min(max(sum(house.rooms.value), 1.0) for house in spec.houses.values())
    share = min(max(scale / times, 1.0 / weekly), 1.0)
    return spec.model_copy(
        update={
            "houses": {
                name: _house_at(house, model.courtrooms(word, name), times)
                for name, house in spec.houses.items()
            },
            "sitting_share": _each(spec.sitting_share, lambda held: held * share),
        }
    )


def _house_at(house: House, courtrooms: tuple[str, ...], times: int) -> House:
    """A courthouse with its usual week so many times over, and a name for each courtroom."""
    rooms = _each(house.rooms, lambda sitting: sitting * times)
    names = _with_enough(courtrooms, max(map(max, _weeks(rooms))))
    return house.model_copy(update={"rooms": rooms, "courtrooms": names})


def _each(whole: Value, of: Callable[[float], float]) -> Value:
    """All that a value says, now and from later days on, by a function of each of its numbers."""

    def changed(item: Any) -> Any:
        value: Any = item.value
        if isinstance(value, dict):
            value = {key: of(number) for key, number in value.items()}
        else:
            value = tuple(map(of, value)) if isinstance(value, tuple) else of(value)
        bounds = None if item.range is None else tuple(map(of, item.range))
        return item.model_copy(update={"value": value, "range": bounds})

    changes = tuple(map(changed, whole.changes))
    found: Value = changed(whole).model_copy(update={"changes": changes})
    return found
