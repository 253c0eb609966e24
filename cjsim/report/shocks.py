"""Shocks, told from a scenario's settings: what it changes for a time and then changes back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from cjsim.report.manifest import Json, sourced

_SAID = ("value", "median", "p90", "mean", "fixed")
"""The keys by which a number or a change of it says what it is."""


@dataclass(frozen=True)
class Shock:
    """From when anything in a scenario differs from the baseline, and the day when it is over."""

    starts: dt.date
    ends: dt.date

    @property
    def last(self) -> dt.date:
        """The last day on which anything differs."""
        return self.ends - dt.timedelta(days=1)


def shocks_of(models: dict[str, Json], last_day: dt.date) -> dict[str, Shock]:
    """The scenarios that differ from the first one for a time only, over by the last day.

    `models` are the resolved models of the manifest, the baseline's first.
    """
    if not models:
        return {}
    baseline, *others = models
    before = dict(sourced(models[baseline]))
    shocks = {scenario: _shock(before, dict(sourced(models[scenario]))) for scenario in others}
    return {
        scenario: shock
        for scenario, shock in shocks.items()
        if shock is not None and shock.ends <= last_day
    }


def _shock(before: dict[str, Json], after: dict[str, Json]) -> Shock | None:
    """From the first day on which any number differs to the day on which none does any more."""
    first: dt.date | None = None
    end: dt.date | None = None
    for path, number in after.items():
        was = before.get(path, {})
        if number == was:
            continue
        for area in _areas(was, number):
            for start, until in _apart(was, number, area):
                if until is None:
                    return None
                first = start if first is None else min(first, start)
                end = until if end is None else max(end, until)
    return None if first is None or end is None else Shock(first, end)


def _apart(was: Json, number: Json, area: str) -> list[tuple[dt.date, dt.date | None]]:
    """The spells in which two numbers differ in an area; one that never ends has no last day."""
    days = sorted(
        {
            dt.date.fromisoformat(str(change["from"]))
            for version in (was, number)
            for change in version.get("changes") or []
        }
    )
    return [
        (start, end)
        for start, end in pairwise([*days, None])
        if start is not None and _in_force(was, start, area) != _in_force(number, start, area)
    ]


def _areas(was: Json, number: Json) -> list[str]:
    """Where changes are made: each area named, and everywhere else."""
    named = {
        str(change.get("area") or "")
        for version in (was, number)
        for change in version.get("changes") or []
    }
    return sorted({"", *named})


def _in_force(number: Json, day: dt.date, area: str) -> Json:
    """What a number says on a day in an area; later entries take the place of earlier ones."""
    entry = number
    for change in number.get("changes") or []:
        begun = dt.date.fromisoformat(str(change["from"])) <= day
        if begun and (change.get("area") or "") in ("", area):
            entry = change
    return {key: entry[key] for key in _SAID if entry.get(key) is not None}
