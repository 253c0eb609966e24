"""What a name in a model means: its values, where they come from, where the journey uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cjsim.errors import Fault, Faults, did_you_mean
from cjsim.jurisdiction import jurisdiction_named
from cjsim.schema.base import (
    Duration,
    DurationChange,
    Number,
    NumberChange,
    Profile,
    ProfileChange,
    Shares,
    SharesChange,
    Sourced,
)
from cjsim.schema.call_order import Order, OrderChange
from cjsim.schema.closures import Closure, Closures
from cjsim.schema.files import KeyPath, dotted, shown_path
from cjsim.schema.model import Model
from cjsim.schema.money import Pounds
from cjsim.schema.odds import OddsFactor, OddsFactorChange
from cjsim.schema.parameter_paths import sourced_values
from cjsim.schema.register import Register

_UNITS: Final[Mapping[str, str]] = {
    "probability": "chance from 0 to 1",
    "share": "share of the cases",
    "shares": "share of each",
    "sizes": "share of each",
    "sentenced_after_trial": "chance from 0 to 1",
    "trial_length_factor": "times the estimate and the length",
    "per_year": "cases a year",
    "per_quarter": "cases a quarter",
    "returning_share": "share from 0 to 1",
    "one_in": "cases for each simulated one",
    "discount_rate": "share a year",
    "capacity": "serving at one time",
    "rooms": "courtrooms sitting",
    "headroom": "times the undated rate",
    "over_listing": "minutes booked over minutes there are",
    "kept_for_custody": "share from 0 to 1",
    "hours": "weight of each hour",
    "weekdays": "weight of each weekday",
    "months": "weight of each month",
    "sitting_share": "share of the usual sittings in each month",
    "brings_forward": "chance that a case can take an earlier date",
    "at_court": "advocates",
    "at_once": "people",
    "absent_by_case": "share of the cases",
    "date_suits": "chance that everybody can come on a day",
    "eagerness": "share of the sessions to spare",
    "on_the_day": "1 for yes, 0 for no",
    "weeks_ahead": "weeks",
    "look_back_weeks": "weeks",
    "available": "share from 0 to 1",
    "minutes_a_day": "minutes",
    "contact_length": "times the length",
    "deflator": "price level",
    "gbp": "GBP",
    "factor": "times the odds or the length",
    "carried_days": "days",
    "notice_days": "days",
    "median": "as its name says",
    "most": "as its name says",
    "p90_over_median": "times the median",
}
_ENDINGS: Final = (
    ("within_working_days", "working days"),
    ("within_working_days_enhanced", "working days"),
    ("after_working_days", "working days"),
    ("_minutes", "minutes"),
    ("_hours", "hours"),
    ("_days", "days"),
    ("_months", "months"),
    ("_percent", "per cent"),
    ("per_month", "change of the engagement in a month"),
)
_FACTOR_OF: Final = {"estimate_factors": "estimate", "length_factors": "length"}
"""What a factor acts on, by the name of its table; the odds in any other."""
_PUBLICATION: Final = ("quantity", "publication", "title", "source", "url")


def explain(
    model: Model,
    name: str,
    journey_folder: Path | None = None,
    register: Register | None = None,
) -> list[str]:
    """Everything the model says of a name such as "file_ready" or "pools.officers.capacity".

    A name is a path, the beginning of one, or the word of an entry. `journey_folder` holds the
    files in which the word is looked for in quotes: the process of the jurisdiction by default.

    Raises Faults, with the nearest known name, when the model knows no such name.
    """
    values = list(sourced_values(model))
    own = [(at, value) for at, value in values if _is_about(at, name)]
    acts_on = [
        (at, value)
        for at, value in values
        if isinstance(value, OddsFactor) and at[-1] == name.rpartition(".")[2]
    ]
    entries = [at for at in _entries(model) if _is_about(at, name)]
    if not (own or acts_on or entries):
        known = [at for at, _ in values] + list(_entries(model))
        raise Faults([Fault(model.area, name, "the model has no such name.", _near(name, known))])
    lines: list[str] = []
    for at in entries:
        lines += _told_of_entry(model, at)
    for at, value in own:
        lines += _told(model, at, value, register)
    if acts_on:
        lines += _told_of_effects(acts_on)
    words = list(dict.fromkeys(_word(at) for at in [*entries, *(at for at, _ in own)])) or [name]
    users = [user for word in words for user in _users(model, word)]
    if users:
        lines += ["", "Used by", *(f"  {user}" for user in users)]
    files = _files(model, journey_folder)
    places = [place for word in words for place in _places(word, files)]
    if places:
        lines += ["", "In the journey", *(f"  {place}" for place in places)]
    return lines


def _told_of_effects(acts_on: list[tuple[KeyPath, OddsFactor]]) -> Iterator[str]:
    """Where a fact acts: on the odds of branches, on the estimates and lengths of hearings."""
    for what in ("odds", *_FACTOR_OF.values()):
        factors = [(at, value) for at, value in acts_on if _acts_on(at) == what]
        if factors:
            yield from ("", f'Where "{factors[0][0][-1]}" changes the {what}')
            yield from (f"  {at[1]}: {_value(value)}{_in_brackets(value)}" for at, value in factors)


def _acts_on(at: KeyPath) -> str:
    """What a factor at a path acts on."""
    return _FACTOR_OF.get(str(at[-2]), "odds")


def _files(model: Model, folder: Path | None) -> list[Path]:
    """The files of the process: those of a folder, or else of the model's jurisdiction."""
    if folder is not None:
        return sorted(folder.glob("*.py"))
    return jurisdiction_named(model.jurisdiction).process_files


def value_text(value: Sourced) -> str:
    """A value as a reader wants it: numbers with their keys, a table on one line or several."""
    return _value(value)


def unit_of(key: str) -> str:
    """The unit that the name of a key says; empty where the name says none."""
    if key in _UNITS:
        return _UNITS[key]
    return next((unit for ending, unit in _ENDINGS if key.endswith(ending)), "")


def uses(model: Model, at: KeyPath, journey_folder: Path | None = None) -> list[str]:
    """What uses the entry that a path leads into: stages, duties, costs, lines of the journey."""
    word = _word(at)
    return [*_users(model, word), *_places(word, _files(model, journey_folder))]


def _is_about(at: KeyPath, name: str) -> bool:
    """Whether a path begins with the name, or does so from the word of its entry on."""
    parts = tuple(name.split("."))
    starts = (0, 1, 2) if at[:2] == ("costs", "units") else (0, 1)
    return any(at[start : start + len(parts)] == parts for start in starts)


def _near(name: str, known: list[KeyPath]) -> str:
    tell = dotted if "." in name else _word
    return did_you_mean(name, list(dict.fromkeys(tell(at) for at in known)))


def _entries(model: Model) -> Iterator[KeyPath]:
    """The entries of the tables that say more than numbers: whose they are, and what they use."""
    for table in ("hours", "pools", "stages", "courthouses", "lists", "hearings", "duties"):
        yield from ((table, word) for word in getattr(model, table))
    yield from (("costs", "units", name) for name in model.costs.units)


def _told_of_entry(model: Model, at: KeyPath) -> Iterator[str]:
    entry: Any = model
    for part in at:
        entry = entry[part] if isinstance(entry, Mapping) else getattr(entry, str(part))
    yield dotted(at)
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, tuple):
            value = ", ".join(map(str, value))
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if isinstance(value, str) and value:
            yield f"  {name.replace('_', ' '):<9} {value}"


def _word(at: KeyPath) -> str:
    """The word of the entry that a path leads into, such as "file_ready"."""
    return str(at[2] if at[:2] == ("costs", "units") else at[1])


def _told(model: Model, at: KeyPath, value: Sourced, register: Register | None) -> Iterator[str]:
    if isinstance(value, OddsFactor):
        yield f"  {_acts_on(at)} of {at[-1]}: {_value(value)}{_in_brackets(value)}"
        yield from (f"  {line}" for line in _changes(value))
        return
    yield dotted(at)
    # A sourced table, such as that of what crimes cost society, has no one value.
    for number, line in enumerate(_value(value).splitlines()):
        yield f"  {'' if number else 'value':<9} {line}"
    unit = _unit(model, at, value)
    if unit:
        yield f"  unit      {unit}"
    yield f"  source    {value.source}{_publication(value.source, register)}"
    yield f"  evidence  {value.evidence}"
    if value.range is not None:
        yield f"  range     {value.range[0]:g} to {value.range[1]:g}"
    if value.derivation:
        yield f"  derived   {value.derivation}"
    if value.note:
        yield f"  note      {value.note}"
    yield from _changes(value)


def _changes(value: Sourced) -> Iterator[str]:
    for change in getattr(value, "changes", ()):
        where = change.area or "all divisions"
        yield f"  from {change.from_} in {where}: {_value(change)}{_in_brackets(change)}"


def _value(value: Sourced) -> str:
    if isinstance(value, OddsFactor):
        per = f", from {value.reference:g} on" if value.reference else ""
        return f"times {value.factor:g}{per}"
    if isinstance(value, OddsFactorChange):
        return f"times {value.factor:g}"
    if isinstance(value, Pounds):
        return f"{value.gbp:,.10g} GBP at {value.price_year} prices"
    if isinstance(value, (Duration, DurationChange)):
        keys = ("median", "p90", "mean", "fixed", "cap")
        given = [(key, getattr(value, key, None)) for key in keys]
        text = ", ".join(f"{key} {number:g}" for key, number in given if number is not None)
        if isinstance(value, Duration) and value.at_once:
            text += f", {value.at_once:g} of them at once"
        if isinstance(value, Duration) and value.by_group:
            text += f"; times {_table(value.by_group)}"
        return text
    if isinstance(value, (Profile, ProfileChange)):
        return " ".join(f"{weight:g}" for weight in value.value)
    if isinstance(value, (Order, OrderChange)):
        return ", then ".join(value.value)
    if isinstance(value, (Number, NumberChange, Shares, SharesChange)):
        return _table(value.value)
    if isinstance(value, Closures):
        return "open, but for"
    if isinstance(value, Closure):
        until = f"until {value.to}" if value.to else "for good"
        return f"shut {until}, its work goes to {value.work_goes_to}"
    raise TypeError(f"nothing says how a {type(value).__name__} is told")


def _table(value: float | Mapping[str, float] | Mapping[str, float | dict[str, float]]) -> str:
    if not isinstance(value, Mapping):
        return f"{value:g}"
    if any(isinstance(below, Mapping) for below in value.values()):
        return "\n".join(f"{key}: {_table(below)}" for key, below in value.items())
    return ", ".join(f"{key} {_table(below)}" for key, below in value.items())


def _in_brackets(value: Sourced) -> str:
    known = [value.source, value.evidence] if value.source != "assumption" else ["assumption"]
    if value.range is not None:
        known.append(f"{value.range[0]:g} to {value.range[1]:g}")
    return f" ({', '.join(known)}{'; ' + value.note if value.note else ''})"


def _unit(model: Model, at: KeyPath, value: Sourced) -> str:
    if isinstance(value, Duration):
        return value.unit
    if at[:2] == ("costs", "units"):
        cost = model.costs.units[str(at[2])]
        return f"GBP at {cost.price_year} prices for each {cost.per.replace('_', ' ')}"
    for key in (at[-1], at[-2]):
        if unit := unit_of(str(key)):
            return unit
    return "change of the engagement" if at[0] == "engagement" else ""


def _publication(source: str, register: Register | None) -> str:
    row = (register or {}).get(source, {})
    told = [row[key] for key in _PUBLICATION if row.get(key)]
    return f": {'; '.join(told)}" if told else ""


def _users(model: Model, word: str) -> Iterator[str]:
    """The stages, duties and costs that name a pool or an activity."""
    if word in model.pools:
        yield from (f"stages.{key}" for key, each in model.stages.items() if each.pool == word)
        yield from (f"duties.{key}" for key, each in model.duties.items() if each.pool == word)
    for key, cost in model.costs.units.items():
        if word in (*cost.activities, *cost.pools, *cost.lists):
            yield f"costs.units.{key}, paid by {cost.agency}"


def _places(word: str, files: list[Path]) -> Iterator[str]:
    """Every line of the journey in which the word stands in quotes."""
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if f'"{word}"' in line:
                yield f"{shown_path(path)}:{number}  {line.strip()}"
