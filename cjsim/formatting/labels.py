"""What measures, agencies, reasons, activities and parameters are called before a reader.

Each jurisdiction has them in a table `labels.csv` in its package, one row for each word; the
functions here read that of the jurisdiction in use (`cjsim.jurisdiction.using`). Its columns:

- `kind` and `key`: what the word is (measure, agency, reason, duty, activity, result, list, court,
  way_in, channel or parameter), and the word of the vocabulary; for a measure `kpi` or `kpi:group`,
  for a parameter a key of a model's file or the ending of one. Besides, a `spelling` is a word or
  words of plain text, a `module` one with steps of the process, a `flow` an activity that says how
  far cases come, and an `end` an outcome under the name that a chart gives it;
- `label`: a title or the name of a row; `short`: the same for a narrow panel;
- `phrase`: how a sentence or a case file says it, or how a spelling is written; `number` is
  `singular` where a verb has to agree;
- `unit`: how its numbers are written (`cjsim.formatting.numbers.Kind`), or a parameter's unit;
- `part` and `courts`: of a measure that the Board watches, its part of the journey, and the courts
  in which to look for it, the first that has it (all courts together first, if left empty).

A word without a row, or with an empty cell, is shown as itself: `pre_charge_bail` is "Pre-charge
bail". The better direction and the definition of a measure are at its function in `measures/`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, cast, get_args

from cjsim.formatting.numbers import Kind
from cjsim.formatting.words import lower_first, sentence_case
from cjsim.jurisdiction import in_use, jurisdiction_named, vocabulary

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class Label:
    """One row of the table; an empty text where it says nothing."""

    kind: str
    key: str
    label: str
    short: str
    phrase: str
    singular: bool
    unit: str
    part: str
    courts: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One row of results to show: its KPI and group, its kind, its name, its part of the journey.

    `courts` are tried in their order: the first that has the KPI is shown.
    """

    kpi: str
    group: str
    kind: Kind
    label: str
    part: str
    courts: tuple[str, ...]


@dataclass(frozen=True)
class Noun:
    """A measure in a sentence, and whether its verb is singular."""

    text: str
    singular: bool = False


def labels() -> dict[tuple[str, str], Label]:
    """The whole table by kind and key, in the order of the file."""
    return _table(in_use().name)


@cache
def _table(jurisdiction: str) -> dict[tuple[str, str], Label]:
    path = jurisdiction_named(jurisdiction).labels_file
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["kind"], row["key"]): Label(
                row["kind"],
                row["key"],
                row["label"],
                row["short"],
                row["phrase"],
                row["number"] == "singular",
                row["unit"],
                row["part"],
                tuple(row["courts"].split()),
            )
            for row in csv.DictReader(file)
        }


def _of_kind(kind: str) -> list[Label]:
    return [label for label in labels().values() if label.kind == kind]


# --- words of the vocabulary ----------------------------------------------------------------


def spoken(word: str) -> str:
    """A word of the vocabulary as it is spoken: "magistrates_trial" is "magistrates' trial"."""
    text = word.replace("_", " ").replace(":", " ")
    for spelling, written in _spellings(in_use().name):
        text = spelling.sub(written, text)
    return text.strip()


@cache
def _spellings(jurisdiction: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """How some words are written, in the order of the table."""
    return tuple(
        (re.compile(rf"\b{re.escape(label.key)}\b"), label.phrase)
        for label in _table(jurisdiction).values()
        if label.kind == "spelling"
    )


def title_of(word: str) -> str:
    """A word as a title: its label, else the word with its spaces back and a capital."""
    if "@" in word:
        court_list, courthouse = word.split("@", 1)
        return f"{title_of(court_list)}, {place_name(courthouse)}"
    for kind in ("agency", "reason", "duty", "activity", "list"):
        label = labels().get((kind, word))
        if label is not None and label.label:
            return label.label
    return sentence_case(spoken(word))


def phrase_of(kind: str, word: str) -> str:
    """A word as a sentence or a case file says it: its phrase, else the word with its spaces."""
    label = labels().get((kind, word))
    return label.phrase if label is not None and label.phrase else spoken(word)


def court_title(court: str) -> str:
    """A court as a title or the name of a row: "Magistrates’ court"."""
    label = labels().get(("court", court))
    return label.label if label is not None and label.label else sentence_case(spoken(court))


def first_court() -> str:
    """The court that most cases come to first."""
    return vocabulary().courts[0]


def courts_to_try() -> tuple[str, ...]:
    """Where to look for a measure: in all courts together, else in each."""
    return ("all", *vocabulary().courts)


def agency_name(agency: str) -> str:
    """An agency in a sentence or a narrow table: "CPS"."""
    return phrase_of("agency", agency)


def place_name(word: str) -> str:
    """An area or courthouse as a name: "stoke_on_trent" is "Stoke on Trent"."""
    parts = word.replace("-", "_").split("_")
    small = ("on", "upon", "under", "in", "of", "and", "the")
    return " ".join(
        part if part in small and position else sentence_case(part)
        for position, part in enumerate(parts)
    )


def resource_name(word: str, divisions: Iterable[str]) -> str:
    """A pool or list as a title, a pool's division in brackets: "Officers (north)"."""
    for division in divisions:
        if word.endswith("_" + division) and word != "_" + division:
            return f"{title_of(word.removesuffix('_' + division))} ({division.replace('_', ' ')})"
    return title_of(word)


def pool_phrase(word: str, divisions: Iterable[str]) -> str:
    """A pool of staff or cells in a sentence, with the division it serves: "officers, north"."""
    for division in divisions:
        if word.endswith(f"_{division}"):
            return f"{spoken(word.removesuffix(f'_{division}'))}, {spoken(division)}"
    return spoken(word)


def is_list(word: str) -> bool:
    """Whether a resource is a court list and not a pool of staff or cells."""
    return word.split("@", 1)[0] in vocabulary().court_lists


def modules() -> dict[str, str]:
    """The modules with the steps of the process, in the order of a case, and their titles."""
    return {label.key: label.label for label in _of_kind("module")}


def ends_of_cases() -> dict[str, tuple[str, ...]]:
    """How a case can end, in the order of the table: a name, and its outcomes."""
    ends: dict[str, tuple[str, ...]] = {}
    for outcome in vocabulary().outcomes:
        label = labels().get(("end", outcome))
        name = label.label if label is not None else sentence_case(spoken(outcome))
        ends[name] = (*ends.get(name, ()), outcome)
    in_order = {label.label: position for position, label in enumerate(_of_kind("end"))}
    return dict(sorted(ends.items(), key=lambda end: in_order.get(end[0], len(in_order))))


def milestones() -> list[tuple[str, str]]:
    """The activities that say how far cases come, and how a sentence says each of them."""
    return [(label.key, label.phrase) for label in _of_kind("flow")]


# --- measures -------------------------------------------------------------------------------


def board_measures() -> tuple[Measure, ...]:
    """What the Board watches, in the order of the journey."""
    return tuple(
        Measure(
            label.key.partition(":")[0],
            label.key.partition(":")[2],
            cast(Kind, label.unit),
            label.label,
            label.part,
            label.courts or courts_to_try(),
        )
        for label in _of_kind("measure")
        if label.part
    )


OPEN_CASES: Final = Measure(
    "open_cases", "", "count", "Open cases", "The whole journey", courts=("all",)
)


def _measure_label(kpi: str, group: str = "") -> Label | None:
    """The row of a KPI and group, else the first row of the KPI."""
    exact = labels().get(("measure", f"{kpi}:{group}" if group else kpi))
    rows = (label for label in _of_kind("measure") if label.key.partition(":")[0] == kpi)
    return exact or next(rows, None)


def noun_of(kpi: str, group: str) -> Noun:
    """A measure as a sentence names it: "time to disposal"."""
    if kpi == "utilisation":
        use = "courtroom use" if not group or is_list(group) else f"use of {spoken(group).lower()}"
        return Noun(use, singular=True)
    label = _measure_label(kpi, group)
    if label is None:
        return Noun(spoken(kpi))
    return Noun(label.phrase or lower_first(label.label), label.singular)


def short_name(kpi: str) -> str:
    """A measure as the heading of a narrow panel; empty where it has no short name."""
    label = _measure_label(kpi)
    return label.short if label is not None else ""


def kind_of(kpi: str, unit: str) -> Kind:
    """How a measure's numbers are written; `unit` is its own in the results."""
    label = _measure_label(kpi)
    if label is not None and label.unit:
        return cast(Kind, label.unit)
    kind = unit.lower()
    return kind if kind in KINDS else "ratio" if " per " in unit else "count"


def measure_of(kpi: str, unit: str) -> Measure:
    """A measure that the Board does not watch, under its own name."""
    group = "mean" if unit in ("days", "hours") else ""
    name = sentence_case(spoken(kpi)).removesuffix(" share")
    return Measure(kpi, group, kind_of(kpi, unit), name, "Other measures", courts_to_try())


# --- parameters -----------------------------------------------------------------------------


def parameter_name(path: str) -> str:
    """A parameter's path in plain English: "File ready (probability)"."""
    parts = path.split(".")[1:]
    if path.startswith("costs.declared."):
        return f"Cost of the reform: {spoken(parts[-1]).lower()} ({title_of(parts[1])})"
    if not parts:
        return sentence_case(spoken(path))
    inner = ", ".join(_part_name(part) for part in parts[1:] if part != "houses")
    if path.startswith("courthouses."):
        return f"{place_name(parts[0])} ({inner})"
    return f"{title_of(parts[0])} ({inner})" if inner else title_of(parts[0])


def _part_name(part: str) -> str:
    label = labels().get(("parameter", part))
    return label.label if label is not None and label.label else lower_first(spoken(part))


def parameter_unit(path: str) -> str:
    """The unit in which a parameter is given, such as "chance, 0 to 1" or "minutes"."""
    for part in reversed(path.split(".")):
        for label in _of_kind("parameter"):
            if part.endswith(label.key) if label.key.startswith("_") else part == label.key:
                return label.unit
    return "as given"
