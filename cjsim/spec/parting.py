"""Where the ways of two models part: the first day on which they say something else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel

from cjsim.spec.base import Dated
from cjsim.spec.model import Model

NEVER_PART = dt.date.max
_ONLY_READ = frozenset(
    {"source", "evidence", "derivation", "range", "note", "title", "description"}
)
"""What is there for readers."""
_NOT_SIMULATED = frozenset({"title", "description", "costs"})
"""The parts of a model that no case ever meets."""
_FROM_THE_START = frozenset({"area", "divisions", "opening", "sampling", "streams", "hours"})
"""The parts out of which a world is built, or the cases of a whole month are drawn."""


def parting_day(one: Model, other: Model, study_from: dt.date) -> dt.date | None:
    """The first day on which two models differ for a case: `NEVER_PART` if they never do.

    None where they differ from the start. A change of a court list is known some days before,
    though not before the study begins, and so they part there.
    """
    day = NEVER_PART
    for name in type(one).model_fields:
        if name in _NOT_SIMULATED:
            continue
        parts = _parting(getattr(one, name), getattr(other, name))
        if parts is None or (parts != NEVER_PART and name in _FROM_THE_START):
            return None
        if parts != NEVER_PART and name == "lists":
            parts = min(parts, study_from)
        day = min(day, parts)
    return day


def _parting(one: object, other: object) -> dt.date | None:
    """The day on which two parts of a model say something else; None if it is all the time."""
    if one is other:
        return NEVER_PART
    if type(one) is not type(other):
        return None
    if isinstance(one, BaseModel) and isinstance(other, BaseModel):
        day = NEVER_PART
        for name in type(one).model_fields:
            if name in _ONLY_READ:
                continue
            ours, theirs = getattr(one, name), getattr(other, name)
            parts = _changes(ours, theirs) if name == "changes" else _parting(ours, theirs)
            if parts is None:
                return None
            day = min(day, parts)
        return day
    if isinstance(one, dict) and isinstance(other, dict):
        if list(one) != list(other):
            return None
        return _first([_parting(one[key], other[key]) for key in one])
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return _first([_parting(ours, theirs) for ours, theirs in zip(one, other, strict=True)])
    return NEVER_PART if one == other else None


def _first(days: list[dt.date | None]) -> dt.date | None:
    known = [day for day in days if day is not None]
    return None if len(known) < len(days) else min(known, default=NEVER_PART)


def _changes(one: tuple[Dated, ...], other: tuple[Dated, ...]) -> dt.date | None:
    """The first day of a change that is not in both; None if those before it stand otherwise."""
    if one == other:
        return NEVER_PART
    ours, theirs = ([_met(change) for change in changes] for changes in (one, other))
    differ = [change for change in ours if change not in theirs]
    differ += [change for change in theirs if change not in ours]
    day: dt.date = min((change["from_"] for change in differ), default=NEVER_PART)
    before = [[change for change in changes if change["from_"] < day] for changes in (ours, theirs)]
    return day if before[0] == before[1] else None


def _met(change: Dated) -> dict[str, Any]:
    """What a case meets of a change: all but what is there for readers."""
    return change.model_dump(exclude=set(_ONLY_READ))
