"""What pydantic found, in plain words: the place, what is wrong there, and what to write."""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cjsim.errors import Slip, did_you_mean
from cjsim.schema.bounds import MOST_FAULTS
from cjsim.schema.files import KeyPath

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place of the tables, before it is known which file that is."""

    at: KeyPath
    wrong: str
    remedy: str = ""
    is_missing: bool = False
    in_no_file: bool = False
    """Whether a table is missing from all files of a folder, so that the folder has to be named."""
    unknown_key: bool = False
    """Whether the key itself is what is wrong."""

    @property
    def meant(self) -> KeyPath:
        """The path that an unknown key was probably meant to be; empty if nothing is close."""
        close = re.fullmatch(r'Did you mean "(.*)"\?', self.remedy) if self.unknown_key else None
        return (*self.at[:-1], close[1]) if close else ()


def without_echoes(found: list[Problem]) -> list[Problem]:
    """The problems without the missing key that another problem says is there, misspelt."""
    meant = {problem.meant for problem in found}
    return [each for each in found if not each.is_missing or each.at not in meant]


NOUNS: Final[Mapping[str, str]] = {
    "divisions": "division",
    "streams": "way in",
    "hours": "hours",
    "pools": "pool",
    "stages": "stage",
    "branches": "branch",
    "multiway_branches": "multi-way branch",
    "courthouses": "courthouse",
    "lists": "court list",
    "hearings": "hearing",
    "duties": "duty",
    "engagement": "engagement move",
    "limits": "limit",
    "drawn_facts": "drawn fact",
    "units": "unit cost",
    "houses": "courthouse",
    "odds": "fact",
    "estimate_factors": "fact",
    "length_factors": "fact",
    "added_minutes": "fact",
    "notice_days": "court list",
    "lengths": "result",
    "scenarios": "scenario",
    "channels": "channel",
    "waiting": "court",
    "advocates": "side of advocates",
}
"""What the entries of a table are called in a message."""

_ADD: Final[Mapping[str, str]] = {
    "source": 'Write where the number comes from: a register id, a publication or "assumption".',
    "evidence": 'Write "measured", "derived", "estimated" or "assumed".',
    "from": "Write the first day, such as from = 2013-10-01.",
    "unit": 'Write "minutes", "hours" or "days".',
    "value": "Write the number.",
    "work_goes_to": 'Write the courthouse that has its work, such as work_goes_to = "south_court".',
}
_OTHER_WORDS: Final[Mapping[str, str]] = {
    "division": "area",
    "date": "from",
    "start": "from",
    "begin": "from",
    "end": "to",
    "until": "to",
    "origin": "source",
    "reference": "source",
    "comment": "note",
}
"""What people call some keys, and what the keys are called."""
_WANTED: Final[Mapping[str, str]] = {
    "float": "a number",
    "finite": "a finite number",
    "int": "a whole number",
    "bool": "true or false",
    "string": "a text in quotes",
    "dict": "a table",
    "model": "a table",
    "tuple": "a list",
    "list": "a list",
    "date": "a date",
}
_REWRITE: Final[Mapping[str, str]] = {
    "a number": "Write it without quotes, such as 0.35.",
    "a finite number": "Write a number such as 0.35.",
    "a whole number": "Write it without quotes or a point, such as 30.",
    "true or false": "Write true or false without quotes.",
    "a text in quotes": 'Put it between quotes: "...".',
    "a table": "Write { key = value, ... }, or a separate [table]; a number needs at least "
    '{ value = ..., source = "...", evidence = "..." }.',
    "a list": "Write it in brackets: [..., ...].",
    "a date": "Write it without quotes, such as 2013-10-01.",
    "a number or a table of numbers": "Write 0.35, or { violence = 0.35, default = 0.2 }.",
}
_PATTERNS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "[a-z0-9_-]",
        "is not a name.",
        'Use small letters, digits, "_" and "-", at most 64, a letter or digit first.',
    ),
    (
        ":[0-5]",
        "is not a time of day.",
        'Write hours and minutes, such as "09:30"; the last of a day is "23:59".',
    ),
    ("-\\d{2}$", "is not a financial year.", 'Write it like "2013-14".'),
)


def problems(error: ValidationError, data: object, model: type[BaseModel]) -> list[Problem]:
    """Every fault of a failed validation, one for each place, in plain words."""
    by_place: dict[KeyPath, list[ErrorDetails]] = {}
    keys: dict[KeyPath, list[ErrorDetails]] = {}
    for item in error.errors(include_url=False):
        at, is_key = _place(item["loc"], data, item["type"])
        (keys if is_key else by_place).setdefault(at, []).append(item)
    # Another kind of file has a fault at each of its keys: some of them are enough.
    more = len(keys) + len(by_place) - MOST_FAULTS
    found = [_unknown_word(at, items) for at, items in list(keys.items())[:MOST_FAULTS]]
    if more > 0:
        rest = f"{more} more faults are not shown here."
        found.append(Problem((), rest, "Check that it is the right file."))
    above = {at[:end] for at in by_place for end in range(len(at))}
    for at, items in list(by_place.items())[:MOST_FAULTS]:
        if _only_the_other_branch(at, items, data, above) or _short_of_faulty(at, items, data):
            continue
        found.append(_problem(at, items, data, model))
    return found


def _place(loc: tuple[int | str, ...], data: object, kind: str) -> tuple[KeyPath, bool]:
    """The path in the data that pydantic means, without the names of the types it tried."""
    at: list[str | int] = []
    for part in loc:
        if part == "[key]":
            return tuple(at), True
        step = _step(data, part)
        if step is None:
            if kind in ("missing", "extra_forbidden") and part == loc[-1]:
                at.append(part)
            continue
        at.append(part)
        data = step[0]
    return tuple(at), False


def _step(data: object, part: str | int) -> tuple[object] | None:
    if isinstance(data, Mapping) and part in data:
        return (data[part],)
    if isinstance(data, (list, tuple)) and isinstance(part, int) and part < len(data):
        return (data[part],)
    return None


def _only_the_other_branch(
    at: KeyPath, items: list[ErrorDetails], data: object, above: set[KeyPath]
) -> bool:
    """Whether pydantic only says that a table is not a number, while a fault lies inside it.

    `above` holds the places that have a fault inside them.
    """
    value = _value_at(data, at)
    return (
        at in above and isinstance(value, Mapping) and all(i["type"] == "float_type" for i in items)
    )


def _short_of_faulty(at: KeyPath, items: list[ErrorDetails], data: object) -> bool:
    """Whether a list is too short only because the faulty entries of it are not counted."""
    least = [item["ctx"]["min_length"] for item in items if item["type"] == "too_short"]
    value = _value_at(data, at)
    return bool(least) and isinstance(value, (list, tuple)) and len(value) >= max(least)


def _unknown_word(at: KeyPath, items: list[ErrorDetails]) -> Problem:
    word = str(at[-1])
    known = [w for item in items for w in _expected(item) if w]
    noun = NOUNS.get(str(at[-2]), "word") if len(at) > 1 else "word"
    if not known:
        return _pattern_problem(at, items[0], word)
    wrong = f'there is no {noun} called "{word}".'
    return Problem(at, wrong, did_you_mean(word, known), unknown_key=True)


def _problem(
    at: KeyPath, items: list[ErrorDetails], data: object, model: type[BaseModel]
) -> Problem:
    item = items[0]
    kind: str = item["type"]
    value = _value_at(data, at)
    if kind == "missing":
        return _missing(at)
    if kind == "extra_forbidden":
        known = sorted(fields_at(model, at[:-1]))
        where = "table" if len(at) == 1 else "key"
        wrong = f'there is no {where} called "{at[-1]}" here.'
        other = _OTHER_WORDS.get(str(at[-1]), "")
        remedy = f'Did you mean "{other}"?' if other in known else did_you_mean(str(at[-1]), known)
        return Problem(at, wrong, remedy, unknown_key=True)
    if kind == "value_error":
        slip = item["ctx"]["error"]
        if isinstance(slip, Slip):
            return Problem((*at, *slip.at), slip.wrong, slip.remedy)
        return Problem(at, f"{slip}.")
    if kind == "literal_error":
        known = [word for each in items for word in _expected(each) if word]
        wrong = f"{_shown(value)} is not one of the words known here."
        return Problem(at, wrong, did_you_mean(str(value), known))
    if kind == "string_pattern_mismatch":
        return _pattern_problem(at, item, value)
    return _bound_problem(at, item, value) or _type_problem(at, items, value)


def _missing(at: KeyPath) -> Problem:
    key = str(at[-1])
    # "hours" is a table of the model, and a key of each pool and way in.
    if len(at) == 1 or (key in NOUNS and key != "hours"):
        remedy = f"Add the table [{'.'.join(map(str, at))}] to one of the files."
        wrong = "this table is missing."
        return Problem(at, wrong, remedy, is_missing=True, in_no_file=len(at) == 1)
    remedy = _ADD.get(key, f"Add {key} = ... to the table.")
    return Problem(at, "this key is missing.", remedy, is_missing=True)


def _pattern_problem(at: KeyPath, item: ErrorDetails, value: object) -> Problem:
    slip = item.get("ctx", {}).get("error")
    if isinstance(slip, Slip):
        return Problem(at, slip.wrong, slip.remedy)
    pattern = str(item.get("ctx", {}).get("pattern", ""))
    for part, wrong, remedy in _PATTERNS:
        if part in pattern:
            return Problem(at, f'"{value}" {wrong}', remedy)
    return Problem(at, f'"{value}" cannot stand here.', "Write it as the other entries are.")


def _bound_problem(at: KeyPath, item: ErrorDetails, value: object) -> Problem | None:
    limits = item.get("ctx", {})
    for key, words in (
        ("gt", "more than"),
        ("ge", "at least"),
        ("lt", "less than"),
        ("le", "at most"),
    ):
        if key in limits:
            return Problem(at, f"this must be {words} {limits[key]:g}.", f"Correct the {value:g}.")
    if item["type"] == "string_too_short" and at[-1] == "source":
        return Problem(at, f"{_shown(value)} is no source.", _ADD["source"])
    if item["type"] == "string_too_short":
        return Problem(at, "this must not be empty.", "Write at least a word.")
    if "min_length" in limits:
        least = limits["min_length"]
        return Problem(at, f"this holds fewer than {least}.", f"Give at least {least}.")
    if "max_length" in limits:
        most = limits["max_length"]
        return Problem(at, f"this holds more than {most}.", f"Give at most {most}.")
    return None


def _type_problem(at: KeyPath, items: list[ErrorDetails], value: object) -> Problem:
    if any(item["type"] == "finite_number" for item in items):
        items = [item for item in items if item["type"] == "finite_number"]
    wanted = [_WANTED.get(str(item["type"]).split("_")[0], "something else") for item in items]
    noun = " or ".join(dict.fromkeys(wanted))
    if noun == "a number or a table":
        noun = "a number or a table of numbers"
    return Problem(at, f"this must be {noun}, not {_shown(value)}.", _REWRITE.get(noun, ""))


def fields_at(model: type[BaseModel], at: KeyPath) -> list[str]:
    """The keys that may stand in the table at a path, as a file writes them."""
    annotations: list[object] = [model]
    for part in at:
        annotations = [below for each in annotations for below in _below(each, part)]
    classes = [cls for each in annotations for cls in _classes(each)]
    return [f.alias or name for cls in classes for name, f in cls.model_fields.items()]


def _below(annotation: object, part: str | int) -> Iterator[object]:
    origin = get_origin(annotation)
    if origin is Annotated or origin is Union or origin is types.UnionType:
        for argument in get_args(annotation):
            yield from _below(argument, part)
    elif origin is dict:
        yield get_args(annotation)[1]
    elif origin is tuple and isinstance(part, int):
        yield get_args(annotation)[0]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, known in annotation.model_fields.items():
            if part in (name, known.alias):
                yield known.annotation
            elif isinstance(part, int) and name == "changes":
                # The closures of a courthouse are written as a list without a key.
                yield get_args(known.annotation)[0]


def _classes(annotation: object) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) in (Annotated, Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _classes(argument)
    elif get_origin(annotation) is tuple:
        # Of a setting that stands alone the list around it is not written.
        yield from _classes(get_args(annotation)[0])
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _value_at(data: object, at: KeyPath) -> object:
    for part in at:
        step = _step(data, part)
        if step is None:
            return None
        data = step[0]
    return data


def _expected(item: ErrorDetails) -> list[str]:
    return re.findall(r"'([^']*)'", str(item.get("ctx", {}).get("expected", "")))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}..."'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, dt.date):
        return f"the date {value.isoformat()}"
    if isinstance(value, dt.time):
        return f"the time {value:%H:%M}"
    return f"{value:g}" if isinstance(value, (int, float)) else "nothing"
