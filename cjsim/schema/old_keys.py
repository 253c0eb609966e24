"""Keys of files that have a new name: the old one is still read, with a notice.

An old key is read until the release after the one that renamed it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Final

from cjsim.storage.plain import PlainRow, PlainTable

NEW_NAMES: Final = {
    "forks": "branches",
    "choices": "multiway_branches",
    "law": "distribution",
    "says": "summaries",
    "agrees": "agreement",
}
"""Tables of a model or a fit by their old name, with the name that they have now."""

_OLD_PATH: Final = re.compile(rf"^((?:factor )?)({'|'.join(NEW_NAMES)})(?=\.)")


class OldKeyNotice(FutureWarning):
    """A file says a key by its old name."""


def with_new_keys(data: PlainTable, file: str) -> PlainTable:
    """The tables of a file with each old key replaced; gives a notice that names each one.

    Replaced are the names of tables, and the paths to them that settings, designs and lists of
    measures hold as keys or texts. A file that has both the old and the new table is left as it is:
    the check that follows says that the old one is unknown.
    """
    replaced: set[str] = set()
    tables = {}
    for key, value in data.items():
        new = NEW_NAMES.get(key)
        if new is not None and isinstance(value, dict) and new not in data:
            replaced.add(key)
            key = new
        tables[key] = _renamed(value, replaced)
    for old in sorted(replaced):
        notice = f'{file}: "{old}" is now called "{NEW_NAMES[old]}". Write the new name.'
        warnings.warn(notice, OldKeyNotice, stacklevel=2)
    return tables


def _renamed(value: object, replaced: set[str]) -> object:
    if isinstance(value, dict):
        return {_path(key, replaced): _renamed(inner, replaced) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, replaced) for inner in value]
    return _path(value, replaced) if isinstance(value, str) else value


def _path(text: str, replaced: set[str]) -> str:
    match = _OLD_PATH.match(text)
    if match is None:
        return text
    replaced.add(match[2])
    return f"{match[1]}{NEW_NAMES[match[2]]}{text[match.end() :]}"


def with_courthouses(data: PlainRow) -> PlainRow:
    """The tables of a model, with `[courthouses]` if each list still says title and division.

    A courthouse then has the courtrooms that its lists name, and more if more of them sit.
    """
    lists = data.get("lists")
    if "courthouses" in data or not isinstance(lists, Mapping):
        return data
    courthouses: dict[str, PlainTable] = {}
    most_sitting: dict[str, int] = {}
    new_lists = {}
    for word, spec in lists.items():
        houses = spec.get("houses") if isinstance(spec, Mapping) else None
        if not isinstance(houses, Mapping):
            return data
        new_houses = {}
        for name, house in houses.items():
            if not isinstance(house, Mapping) or "division" not in house:
                return data
            rest = {key: value for key, value in house.items() if key not in ("title", "division")}
            new_houses[name] = rest
            new = {"title": house.get("title", name), "courtrooms": {}, "serves": {}}
            courthouse = courthouses.setdefault(name, new)
            courthouse["serves"][house["division"]] = None
            courthouse["courtrooms"].update(dict.fromkeys(house.get("courtrooms", ())))
            most_sitting[name] = most_sitting.get(name, 0) + _most_sitting(house.get("rooms"))
        new_lists[word] = {**spec, "houses": new_houses}
    for name, courthouse in courthouses.items():
        number = 0
        while len(courthouse["courtrooms"]) < most_sitting[name]:
            number += 1
            courthouse["courtrooms"][f"court {number}"] = None
        courthouse.update({key: [*courthouse[key]] for key in ("courtrooms", "serves")})
    return {**data, "courthouses": courthouses, "lists": new_lists}


def _most_sitting(rooms: object) -> int:
    """The most courtrooms that a list sits in, on any weekday, now or later."""
    if not isinstance(rooms, Mapping):
        return 0
    weeks = [rooms, *(rooms.get("changes") or ())]
    numbers = [
        number
        for week in weeks
        if isinstance(week, Mapping) and isinstance(week.get("value"), (list, tuple))
        for number in week["value"]
        if isinstance(number, (int, float))
    ]
    return int(max(numbers, default=0))
