"""From an experiment to one complete, checked model for each scenario, before anything runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from cjsim.errors import Fault, Faults, Slip, did_you_mean
from cjsim.jurisdiction import jurisdiction_named, using
from cjsim.scenarios.scenario import ChangeKey, ResolvedScenario
from cjsim.schema.areas import check_areas_of
from cjsim.schema.base import BASELINE, Dated
from cjsim.schema.change import (
    Add,
    Change,
    Content,
    OfEntries,
    Scale,
    changes_of,
    content_after,
    entry_of,
    is_relative,
    levels_of,
    moved,
    standing,
)
from cjsim.schema.checks.checked import WORDS
from cjsim.schema.checks.whole_model import check
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import Document, KeyPath, Places, dotted, read_toml, shown_path
from cjsim.schema.folder import Reading, missing_folder, read_model
from cjsim.schema.messages import NOUNS, Problem, problems
from cjsim.schema.model import Model
from cjsim.schema.parameter_paths import (
    WHOLE_NUMBERS,
    Changeable,
    is_one_of,
    places_of,
    settable_values,
    sourced_values,
    why_not_set,
)
from cjsim.schema.reform_costs import check_money, with_declared_costs
from cjsim.schema.register import Register, register_and_faults
from cjsim.storage.plain import PlainTable


@dataclass(frozen=True)
class _PlacedSetting:
    """One setting of one scenario: where it stands, and the change that it makes."""

    scenario: str
    path: str
    """The path of the one value that it changes."""
    written: str
    """The path as it is written: it may name an entry, or with `*` several values."""
    place: int | None
    change: Change | OfEntries
    pedigree: PlainTable
    """All of its entry but the numbers: source, evidence, range, note, day, division."""

    @property
    def at(self) -> KeyPath:
        at: KeyPath = ("scenarios", self.scenario, "set", self.written)
        return at if self.place is None else (*at, self.place)

    @property
    def when(self) -> dt.date:
        day: dt.date = self.pedigree["from"]
        return day

    @property
    def area(self) -> str | None:
        area: str | None = self.pedigree.get("area")
        return area

    @property
    def file(self) -> str:
        """The other file that it stands in; empty for the experiment's own."""
        return self.scenario.rpartition("#")[0]

    def clashes_with(self, other: _PlacedSetting) -> bool:
        """Whether both set one value on one day in one place; all divisions include each.

        Settings of different entries of one table on one day do not clash. Two files that know
        nothing of each other clash on different days as well: the later day would undo what the
        other file set.
        """
        same_place = self.area == other.area or None in (self.area, other.area)
        same_time = self.when == other.when or self.file != other.file
        return self.path == other.path and same_time and same_place and not self._goes_with(other)

    def _goes_with(self, other: _PlacedSetting) -> bool:
        """Whether both set entries of one table, and no entry is set by both."""
        one, another = self.change, other.change
        return (
            isinstance(one, OfEntries)
            and isinstance(another, OfEntries)
            and not set(one.entries) & set(another.entries)
            and (self.when, self.area) == (other.when, other.area)
        )


def resolve(experiment: Experiment) -> dict[str, ResolvedScenario]:
    """Every scenario by name, the baseline first, with its complete model and its changes.

    Raises Faults with everything that is wrong in the model and in the scenarios' settings.
    """
    scenarios, faults = resolve_with_faults(experiment)
    if faults:
        raise Faults(faults)
    return scenarios


def resolve_models(experiment: Experiment) -> dict[str, Model]:
    """The complete models alone, by scenario. Raises Faults as `resolve` does."""
    return {name: scenario.model for name, scenario in resolve(experiment).items()}


def resolve_with_faults(
    experiment: Experiment, document: Document | None = None
) -> tuple[dict[str, ResolvedScenario], list[Fault]]:
    """The scenarios that could be resolved, and every fault.

    `document` is the experiment's file.
    """
    if document is None:
        found = read_toml(experiment.path) if experiment.path.is_file() else None
        document = found if isinstance(found, Document) else None
    places = Places(shown_path(experiment.path), [document] if document else [])
    folder = experiment.model_folder
    if not folder.is_dir():
        return {}, [places.fault(("run", "model"), *missing_folder(folder))]
    reading = read_model(folder)
    if reading.model is None:
        return {}, list(reading.faults)
    with using(jurisdiction_named(reading.model.jurisdiction)):
        return _resolved(experiment, reading, reading.model, places)


def _resolved(
    experiment: Experiment, reading: Reading, model: Model, places: Places
) -> tuple[dict[str, ResolvedScenario], list[Fault]]:
    base = _Base(reading, model, register_and_faults(reading.folder)[0])
    scenarios = {BASELINE: ResolvedScenario(BASELINE, model)}
    wrong = dict.fromkeys(check_money(experiment, model, base.register))
    wrong.update(dict.fromkeys(check_areas_of(experiment, model)))
    for name in experiment.scenarios:
        scenario, found_here = _with_settings(base, experiment, name)
        model = with_declared_costs(scenario.model, experiment, name)
        scenarios[name] = replace(scenario, model=model)
        wrong.update(dict.fromkeys(found_here))
    faults = [places.fault(problem.at, problem.wrong, problem.remedy) for problem in wrong]
    return scenarios, [*reading.faults, *faults]


def _settings_of(base: _Base, experiment: Experiment, scenario: str) -> Iterator[_PlacedSetting]:
    """The settings of a scenario, one for each value that it names.

    A path that names no value is given as it is written.
    """
    borrowed = experiment.borrowed.get(scenario)
    sets = experiment.scenario(scenario).set
    first_day = experiment.run.from_ if borrowed is None else borrowed.first_day
    for path, settings in sets.items():
        for place, setting in enumerate(settings):
            only = len(settings) == 1
            pedigree = setting.pedigree(first_day)
            where = None if only else place
            for value, entries in base.places_of(path):
                change: Change | OfEntries = setting.change
                if entries:
                    change = OfEntries(entries, setting.change_of_entry)
                yield _PlacedSetting(scenario, value, path, where, change, pedigree)


class _Base:
    """The baseline's model, the values in it that may be set, and what is wrong with it."""

    def __init__(self, reading: Reading, model: Model, register: Register | None) -> None:
        self.model = model
        self.set_aside = reading.set_aside
        self.values = {dotted(at): (at, value) for at, value in settable_values(model)}
        self.constants = {
            dotted(at): why
            for at, _ in sourced_values(model)
            if (why := why_not_set(at)) is not None
        }
        self.register = register
        self._known = set(self._check(model))

    def new_problems(self, model: Model) -> list[Problem]:
        """What is wrong with a scenario's model and not with the baseline's."""
        return [problem for problem in self._check(model) if problem not in self._known]

    def places_of(self, path: str) -> list[tuple[str, tuple[str, ...]]]:
        """The values that a path names, with the entries; the path itself where there is none."""
        places = places_of(path, self.values)
        if any(entries and not self._is_table(name) for name, entries in places):
            return [(path, ())]
        return places or [(path, ())]

    def _is_table(self, name: str) -> bool:
        return isinstance(getattr(self.values[name][1], "value", None), Mapping)

    def _check(self, model: Model) -> list[Problem]:
        return check(model, self.set_aside, self.register)


def _with_settings(
    base: _Base, experiment: Experiment, scenario: str
) -> tuple[ResolvedScenario, list[Problem]]:
    found: list[Problem] = []
    by_path: dict[str, list[_PlacedSetting]] = {}
    for used in experiment.used_by(scenario):
        for setting in _settings_of(base, experiment, used):
            found += _outside_the_run(setting, experiment)
            others = by_path.setdefault(setting.path, [])
            clash = next((other for other in others if other.clashes_with(setting)), None)
            if clash is None:
                others.append(setting)
            else:
                found.append(_clash(clash, setting, scenario))
    new: dict[KeyPath, Changeable] = {}
    for path, placed in by_path.items():
        if path not in base.values:
            found += _unknown_path(base, placed[0])
            continue
        at, value = base.values[path]
        changed, wrong = _changed(value, at, placed)
        found += wrong
        if changed is not None:
            new[at] = changed
    stated_in: dict[ChangeKey, str] = {
        (at, setting.when, setting.area): setting.scenario
        for at in new
        for setting in by_path[dotted(at)]
    }
    changed_scenario = ResolvedScenario(scenario, base.model).with_values(new, stated_in)
    of_model = base.new_problems(changed_scenario.model) if new else ()
    found += [_located(problem, by_path, new) for problem in of_model]
    return changed_scenario, [_in_own_file(problem, experiment, scenario) for problem in found]


def _in_own_file(problem: Problem, experiment: Experiment, scenario: str) -> Problem:
    """A problem with what another file sets is told where that file is used."""
    if len(problem.at) < 2 or problem.at[1] not in experiment.borrowed:
        return problem
    _, used, *rest = problem.at
    wrong = f"{used}, {dotted(tuple(rest[1:]))}: {problem.wrong}"
    return Problem(("scenarios", scenario, "uses"), wrong, problem.remedy)


def _changed(
    value: Changeable, at: KeyPath, placed: list[_PlacedSetting]
) -> tuple[Changeable | None, list[Problem]]:
    """A value with the scenario's changes among its own, in the order of their dates."""
    problems_here: list[Problem] = []
    good: list[PlainTable] = []
    stand = changes_of(value)
    for setting in sorted(placed, key=lambda each: (each.when, each.area or "")):
        if any(_same_day_and_place(change, setting) for change in value.changes):
            wrong = f"the model itself changes this value on {setting.when}."
            remedy = "Choose another day, or take the change out of the model."
            problems_here.append(Problem(setting.at, wrong, remedy))
            continue
        try:
            content = _content(value, at, setting, stand)
            entry = {**setting.pedigree, **content, **_range(value, setting, stand, content)}
            beside = next((each for each in good if _is_of(each, setting)), None)
            if beside is not None:
                entry = _joined(beside, entry)
        except Slip as slip:
            problems_here.append(Problem((*setting.at, *slip.at), slip.wrong, slip.remedy))
            continue
        alone = {**value.as_written(), "changes": [entry]}
        try:
            type(value).model_validate(alone, by_alias=True, by_name=False)
        except ValidationError as error:
            problems_here += [
                Problem((*setting.at, *_as_set(problem.at[2:])), problem.wrong, problem.remedy)
                for problem in problems(error, alone, type(value))
            ]
            continue
        if beside is not None:
            good.remove(beside)
        good.append(entry)
        stand = sorted([*stand, (setting.when, setting.area, content)], key=lambda each: each[0])
    if not good:
        return None, problems_here
    old = [change.as_written() for change in value.changes]
    changes = sorted([*old, *good], key=lambda change: (change["from"], change.get("area") or ""))
    whole = {**value.as_written(), "changes": changes}
    return type(value).model_validate(whole, by_alias=True, by_name=False), problems_here


def _content(
    value: Changeable,
    at: KeyPath,
    setting: _PlacedSetting,
    stand: list[tuple[dt.date, str | None, Content]],
) -> PlainTable:
    """The numbers that a setting comes to, the same in every division. Raises Slip."""
    before = list(standing(value, stand, setting.when, setting.area).values())
    if is_relative(setting.change) and any(stood != before[0] for stood in before):
        raise Slip(
            "the value differs between divisions on this day, so that it has no one new value.",
            "Write one setting for each division, with area.",
        )
    after = [content_after(value, at, stood, setting.change, setting.area) for stood in before]
    if not is_relative(setting.change):
        return after[-1]
    whole = is_one_of(at, WHOLE_NUMBERS)
    return {key: _rounded(number, whole=whole) for key, number in after[-1].items()}


def _rounded(number: Any, *, whole: bool) -> Any:
    """Numbers to twelve digits, or whole ones."""
    if isinstance(number, Mapping):
        return {key: _rounded(each, whole=whole) for key, each in number.items()}
    if isinstance(number, (list, tuple)):
        return tuple(_rounded(each, whole=whole) for each in number)
    return float(round(number)) if whole else float(f"{number:.12g}")


def _range(
    value: Changeable,
    setting: _PlacedSetting,
    stand: list[tuple[dt.date, str | None, Content]],
    content: Content,
) -> PlainTable:
    """The range of the numbers, where the setting gives that of a factor, amount or entry."""
    change, bounds = setting.change, setting.pedigree.get("range")
    if not is_relative(change) or bounds is None:
        return {}
    before = next(iter(standing(value, stand, setting.when, setting.area).values()))
    stood = levels_of(
        {**before, "value": entry_of(before["value"], setting.area)}
        if "value" in before
        else before
    )
    if isinstance(change, OfEntries):
        after = levels_of(content)
        own = [after[entry] for entry in change.entries]
        inner = change.change
        ends = [*after.values()]
        if isinstance(inner, (Scale, Add)):
            old = [stood.get(entry, stood.get("default", 0.0)) for entry in change.entries]
            ends += [moved(number, type(inner)(bound)) for number in old for bound in bounds]
        else:
            outside = [number for number in own if not bounds[0] <= number <= bounds[1]]
            if outside:
                wrong = f"{outside[0]:g} is outside its range {list(bounds)}."
                raise Slip(wrong, "Widen the range or change the value.", ("range",))
            ends += bounds
        return {"range": _rounded((min(ends), max(ends)), whole=False)}
    if isinstance(change, (Scale, Add)):
        size = change.factor if isinstance(change, Scale) else change.amount
        if not bounds[0] <= size <= bounds[1]:
            what = "factor" if isinstance(change, Scale) else "add"
            wrong = f"{size:g} is outside its range {list(bounds)}: the range is that of {what}."
            raise Slip(wrong, "Widen the range or change the number.", ("range",))
        low, high = (
            [moved(number, type(change)(bound)) for number in stood.values()] for bound in bounds
        )
        return {"range": _rounded((min(low), max(high)), whole=False)}
    return {}


def _is_of(entry: PlainTable, setting: _PlacedSetting) -> bool:
    """Whether an entry is of the day and division of a setting."""
    return entry["from"] == setting.when and entry.get("area") == setting.area


def _joined(first: PlainTable, second: PlainTable) -> PlainTable:
    """Two settings of entries of one table on one day: the second has the numbers of both."""
    if (first["source"], first["evidence"]) != (second["source"], second["evidence"]):
        raise Slip(
            "another entry of this table is set on the same day with another source.",
            "Give both the same source and evidence, or set the whole table.",
            ("source",),
        )
    ranges = [each["range"] for each in (first, second) if each.get("range") is not None]
    notes = dict.fromkeys(each["note"] for each in (first, second) if each.get("note"))
    joined = {**first, **second, "note": "; ".join(notes)}
    if ranges:
        joined["range"] = (min(low for low, _ in ranges), max(high for _, high in ranges))
    return joined


def _as_set(at: KeyPath) -> KeyPath:
    """A key of an entry as a setting calls it: an odds factor is its value."""
    return ("value", *at[1:]) if at[:1] == ("factor",) else at


def _same_day_and_place(change: Dated, setting: _PlacedSetting) -> bool:
    same_place = change.area == setting.area or None in (change.area, setting.area)
    return bool(change.from_ == setting.when and same_place)


def _outside_the_run(setting: _PlacedSetting, experiment: Experiment) -> Iterator[Problem]:
    run = experiment.run
    if setting.when < run.from_:
        yield Problem(
            setting.at,
            f"{setting.when} lies before the first day of the run ({run.from_}).",
            "Begin on that day or later: the warm-up before it is the same in every scenario.",
        )
    elif setting.when > run.to:
        yield Problem(
            setting.at,
            f"{setting.when} lies after the last day of the run ({run.to}).",
            "Begin earlier, or let the run last longer.",
        )


def _clash(first: _PlacedSetting, second: _PlacedSetting, scenario: str) -> Problem:
    """Two settings of one value that a scenario would bring together."""
    where = f"{first.area or 'all divisions'}"
    if second.area != first.area:
        where += f" and in {second.area or 'all divisions'}"
    if first.scenario == second.scenario:
        wrong = f'scenario "{first.scenario}" sets this value twice on {first.when} in {where}.'
        return Problem(second.at, wrong, "Keep one of the two, or give them different days.")
    both = f'scenarios "{first.scenario}" and "{second.scenario}" both set'
    if first.when != second.when:
        wrong = f'{both} "{first.path}" in {where}, the one on {first.when} and the other on '
        wrong += f"{second.when}: the later would undo the earlier."
        at: KeyPath = ("scenarios", scenario, "uses")
        return Problem(at, wrong, "Use one of the two only.")
    if second.scenario == scenario:
        wrong = f"{both} this value on {first.when} in {where}."
        return Problem(second.at, wrong, "Keep one of the two, or give them different days.")
    wrong = f'{both} "{first.path}" on {first.when} in {where}.'
    return Problem(("scenarios", scenario, "uses"), wrong, "Use one of the two only.")


def _unknown_path(base: _Base, setting: _PlacedSetting) -> Iterator[Problem]:
    """What is wrong with a path that leads to no value: the first word that is not there."""
    at: KeyPath = ("scenarios", setting.scenario, "set", setting.written)
    parts = tuple(setting.path.split("."))
    if "*" in setting.path:
        wrong = f'no value of the model has a path like "{setting.path}".'
        yield Problem(at, wrong, "A * is any word of a path, or any part of one.")
        return
    if setting.path in base.constants:
        wrong = f"no scenario can set this value: {base.constants[setting.path]}."
        yield Problem(at, wrong, "Change it in the model.")
        return
    faulty = any(parts[: len(aside)] == aside for aside in base.set_aside)
    if faulty or (len(parts) > 1 and _is_missing_from_the_model(base.model, *parts[:2])):
        return  # A fault of the model says so already.
    wrong, remedy = _where_it_goes_wrong(parts, list(base.values))
    yield Problem(at, wrong, remedy)


def _is_missing_from_the_model(model: Model, table: str, word: str) -> bool:
    known = model.vocabulary.words(WORDS[table]) if table in WORDS else ()
    return word in known and word not in getattr(model, table)


def _where_it_goes_wrong(parts: tuple[str, ...], known: list[str]) -> tuple[str, str]:
    paths = [tuple(path.split(".")) for path in known]
    for depth, part in enumerate(parts):
        beside = [path for path in paths if path[:depth] == parts[:depth] and len(path) > depth]
        here = sorted({path[depth] for path in beside})
        if part in here:
            continue
        if depth == 0:
            return f'the model has no table called "{part}".', did_you_mean(part, here)
        if not here:
            whole = ".".join(parts[:depth])
            return f'"{whole}" is a value and has no "{part}".', f'Write "{whole}".'
        noun = NOUNS.get(parts[depth - 1])
        if noun is not None:
            return f'there is no {noun} called "{part}".', did_you_mean(part, here)
        whole = ".".join(parts[:depth])
        suggestion = did_you_mean(part, here)
        return f'"{whole}" has no value called "{part}" to set.', suggestion
    below = sorted({".".join(path) for path in paths if path[: len(parts)] == parts})
    return "this path names a table, not a value.", f'Write it to its end, such as "{below[0]}".'


def _located(
    problem: Problem, by_path: Mapping[str, list[_PlacedSetting]], new: Mapping[KeyPath, Changeable]
) -> Problem:
    """A problem of the scenario's model, at the setting that brought it in."""
    for value_at, value in new.items():
        depth = len(value_at)
        if problem.at[:depth] != value_at:
            continue
        placed = by_path[dotted(value_at)]
        below = problem.at[depth:]
        if len(below) > 1 and isinstance(below[1], int):
            change = value.changes[below[1]]
            of_change = [
                setting
                for setting in placed
                if (setting.when, setting.area) == (change.from_, change.area)
            ]
            if len(of_change) == 1:
                return Problem((*of_change[0].at, *below[2:]), problem.wrong, problem.remedy)
            if of_change:  # Each sets an entry of the table.
                wrong = f"{dotted(value_at)} with all that is set of it: {problem.wrong}"
                return Problem(of_change[0].at, wrong, problem.remedy)
        return Problem(placed[0].at, problem.wrong, problem.remedy)
    any_setting = next(iter(by_path.values()))[0]
    wrong = f"{dotted(problem.at)}: {problem.wrong}"
    return Problem(any_setting.at[:3], wrong, problem.remedy)
