"""Demand: when cases arrive, of which offence group, in which division.

Candidates are drawn month by month at an upper rate (the undated rate times `headroom`) and thinned
to the rate in force, so that a demand scenario keeps the same people. A candidate keeps its number
whether it arrives or not. Where a stream's numbers are counted, only who comes and when is
left to chance: the candidates and the draws that thin them are spread evenly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cjsim.des.random_streams import Distribution, RandomStreams
from cjsim.des.working_time import MINUTES_A_DAY, Calendar, months_between, next_month
from cjsim.schema.base import pick
from cjsim.schema.dated import days_of_change, number_on, weights_on
from cjsim.schema.demand import DAYS_A_YEAR, rate_on, undated_rate
from cjsim.schema.model import Model, Stream
from cjsim.simulation.incidents import incidents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class TooFewPeople(Exception):
    """A scenario asks for more cases than the stream's headroom allows for."""


class Arrival(NamedTuple):
    """One candidate: its number, the minute, and whether it comes under the rate in force.

    `first` is the number of the first of those who come together: its own, where it comes alone.
    """

    number: int
    minute: int
    way_in: str
    group: int
    area: int
    comes: bool
    first: int
    alone: bool


Candidate = tuple[int, int, int, int, bool, int, bool]
"""Minute, way in, offence group, division, whether it comes; whose incident, whether alone."""


def arrivals(
    model: Model, calendar: Calendar, random_streams: RandomStreams, end: int, start: int = 0
) -> Iterator[Arrival]:
    """Every candidate from minute `start` up to `end`, in order of time. Raises TooFewPeople.

    Of people who come back after a disposal only those are among them whose disposal, or whose
    arrest where a run begins without open cases, lies before `start`.
    """
    number = first = 0
    ways_in = model.vocabulary.ways_in
    begins = calendar.date(start)
    opened = start > 0
    last = calendar.date(end - 1)
    for index, month in enumerate(months_between(calendar.date(start), last)):
        candidates: list[Candidate] = []
        for way, way_in in enumerate(ways_in):
            candidates += _month(
                model, calendar, random_streams, month, index, way, way_in, (begins, opened)
            )
        candidates.sort()
        before: tuple[int, int] | None = None
        for minute, way, group, area, comes, incident, alone in candidates:
            if alone or (way, incident) != before:
                first, before = number, (way, incident)
            if start <= minute < end:
                yield Arrival(number, minute, ways_in[way], group, area, comes, first, alone)
            number += 1


def _month(
    model: Model,
    calendar: Calendar,
    random_streams: RandomStreams,
    month: dt.date,
    index: int,
    way: int,
    way_in: str,
    began: tuple[dt.date, bool],
) -> list[Candidate]:
    stream, groups = model.streams[way_in], model.vocabulary.offence_groups
    rng = random_streams.generator(f"arrivals:{way_in}", index)
    first = (month - calendar.epoch).days
    days = (next_month(month) - month).days
    weights = _weights_by_day(stream, month, days)
    headroom = number_on(stream.headroom, month, "", "")
    # The undated rate, also where a change is in force: candidates are the same in each scenario.
    base = np.array([undated_rate(stream, group, groups) for group in groups]) / model.one_in
    if not base.any():
        return []
    expected = base.sum() / DAYS_A_YEAR * weights.sum() * headroom
    counted = stream.counted
    count = int(expected + rng.random()) if counted else int(rng.poisson(expected))
    day = _pick(weights, rng.random(count))
    hour = _pick(_hours(stream, month), rng.random(count))
    minute = (first + day) * MINUTES_A_DAY + hour * 60 + rng.integers(0, 60, count)
    group = _pick(base, rng.random(count))
    shares = np.array([_share(model, area) for area in model.divisions])
    area = _pick(shares, rng.random(count))
    chance = _chances(model, stream, way_in, month, days, base * headroom)
    if stream.returning_share is not None:
        chance *= _not_returning(model, stream, month, days, began)
    comes = (_evenly(rng, count) if counted else rng.random(count)) < chance[day, area, group]
    incident, alone = np.zeros(count, np.int64), np.ones(count, np.bool_)
    together = model.co_defendants
    if together is not None and way_in in together.ways_in:
        draws = random_streams.generator(f"co_defendants:{way_in}", index).random((2, count))
        incident = incidents(together, groups, group, draws)
        alone = np.bincount(incident, minlength=count)[incident] == 1
        minute, area, comes = minute[incident], area[incident], comes[incident]
    columns = (minute, group, area, comes, incident, alone)
    return [
        (int(at), way, int(kind), int(where), bool(kept), int(whose), bool(apart))
        for at, kind, where, kept, whose, apart in zip(*columns, strict=True)
    ]


def _evenly(rng: np.random.Generator, count: int) -> Floats:
    """One draw from each of `count` equal parts of the way from 0 to 1, in random order."""
    parts: Floats = (rng.permutation(count) + rng.random(count)) / max(count, 1)
    return parts


def _not_returning(
    model: Model, stream: Stream, month: dt.date, days: int, began: tuple[dt.date, bool]
) -> Floats:
    """The share of candidates whom no disposal of this run brings back: (days, 1, offence groups).

    Of those who return, a share still follows from disposals before the run began: as many as are
    arrested again only after so long.
    """
    begins, opened = began
    waits = model.stages[model.vocabulary.return_stage].duration
    duration = waits if opened else stream.returning_after
    share = stream.returning_share
    assert duration is not None
    assert share is not None
    since = ((month - begins).days + np.arange(days) + 0.5) * MINUTES_A_DAY
    from_before = 1.0 - Distribution(duration, duration).within(np.maximum(since, 0.0))
    returning = np.array([pick(share.value, group) for group in model.vocabulary.offence_groups])
    kept: Floats = 1.0 - returning[None, None, :] * (1.0 - from_before[:, None, None])
    return kept


def _pick(weights: Floats, u: Floats) -> NDArray[np.int64]:
    bounds = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(bounds, u, side="right"), len(weights) - 1)


def _weights_by_day(stream: Stream, month: dt.date, days: int) -> Floats:
    by_weekday = np.array(weights_on(stream.weekdays, month, ""))
    by_month = np.array(weights_on(stream.months, month, ""))
    weekday = (month.weekday() + np.arange(days)) % 7
    weights: Floats = by_weekday[weekday] / by_weekday.mean()
    return weights * float(by_month[month.month - 1] / by_month.mean())


def _hours(stream: Stream, month: dt.date) -> Floats:
    return np.array(weights_on(stream.hours, month, ""))


def _share(model: Model, area: str) -> float:
    return model.divisions[area].share.at("default")


def _chances(
    model: Model, stream: Stream, way_in: str, month: dt.date, days: int, upper: Floats
) -> Floats:
    """The chance that a candidate comes: shape (days, divisions, offence groups)."""
    groups = model.vocabulary.offence_groups
    chance = np.zeros((days, len(model.divisions), len(groups)))
    changed = days_of_change((stream.per_year, stream.per_quarter))
    for day in range(days):
        date = month + dt.timedelta(days=day)
        if day and date not in changed:
            chance[day] = chance[day - 1]
            continue
        for place, area in enumerate(model.divisions):
            for kind, group in enumerate(groups):
                if upper[kind]:
                    chance[day, place, kind] = (
                        rate_on(stream, date, area, group, groups) / model.one_in / upper[kind]
                    )
    if chance.max() > 1.0 + 1e-9:
        raise TooFewPeople(
            f"streams.{way_in}.per_year asks for {chance.max():.2f} times the upper rate in "
            f"{month:%B %Y}: raise streams.{way_in}.headroom"
        )
    return chance
