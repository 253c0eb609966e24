"""Forecast what a plan needs before it runs: cases, time, memory and disk; and its limit."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.experiment.plan import Plan
from cjsim.experiment.shared_prefix import sharing_estimate
from cjsim.schema.dated import days_of_change
from cjsim.schema.demand import DAYS_A_YEAR, rate_on
from cjsim.schema.model import Model

MOST_CASES: Final = 50_000_000
"""The most cases without --budget: some hours on one processor."""

# Measured on the models that come with cjsim. Run time is calibrated by an empty-loop benchmark, so
# that it follows the speed of the machine. Times are shown with two figures.
TURNS_A_CASE: Final = 7_500
TURNS_A_REPLICATION: Final = 18_000_000
BYTES_OF_MEMORY_A_WORKER: Final = 240_000_000
BYTES_OF_MEMORY_A_CASE: Final = 440
BYTES_OF_DISK_A_CASE: Final = 220
BYTES_OF_DISK_A_REPLICATION: Final = 60_000


@dataclass(frozen=True)
class Forecast:
    """What a plan will take.

    `cases_each` are the cases of one replication by scenario, `cases` those of all replications;
    `memory` and `disk` are bytes, `free` the bytes left on the disk. With `areas` a replication is
    one of each of them, and `longest` the share of its work that the largest area is.
    """

    cases_each: dict[str, float]
    replications: int
    areas: int
    longest: float
    cases: float
    workers: int
    seconds: float
    memory: float
    disk: float
    free: int


def forecast(plan: Plan, *, workers: int, out: Path, keep_logs: bool = True) -> Forecast:
    """What a plan will take with so many workers, writing below `out`."""
    scales = [1.0] if plan.areas is None else [plan.areas.scale(name) for name in plan.areas.of]
    alone = {name: expected_cases(plan, model) for name, model in plan.models.items()}
    each = {name: cases * sum(scales) for name, cases in alone.items()}
    count = plan.most_replications
    cases = sum(each.values()) * count
    runs = len(each) * count * len(scales)
    shared = sharing_estimate(plan, count, workers)
    turns = cases * TURNS_A_CASE * shared.remaining_share + runs * TURNS_A_REPLICATION
    workers = max(1, min(workers, runs))
    largest = sorted(scales * min(len(each) * count, workers), reverse=True)[:workers]
    at_once = max(alone.values()) * sum(largest)
    disk = runs * BYTES_OF_DISK_A_REPLICATION + (cases * BYTES_OF_DISK_A_CASE if keep_logs else 0)
    return Forecast(
        cases_each=each,
        replications=count,
        areas=len(scales),
        longest=max(scales) / sum(scales),
        cases=cases,
        workers=workers,
        seconds=turns * _seconds_a_turn() / workers,
        memory=workers * BYTES_OF_MEMORY_A_WORKER
        + at_once * BYTES_OF_MEMORY_A_CASE * shared.simultaneous_processes,
        disk=disk,
        free=shutil.disk_usage(_existing_parent(out)).free,
    )


def expected_cases(plan: Plan, model: Model) -> float:
    """How many cases one replication of a scenario will see, warm-up and open cases included."""
    first = plan.study_from
    opens_with = 0
    if plan.opening is not None:
        opens_with = len(plan.opening.cases)
    else:
        first -= dt.timedelta(days=round(model.opening.warm_up_days.at("default")))
    days = [first, *sorted(day for day in days_of_change(model.streams) if day > first)]
    ends = [*days[1:], plan.study_to + dt.timedelta(days=1)]
    arrive = sum(
        _a_year(model, day) * max(0, (min(end, ends[-1]) - day).days) / DAYS_A_YEAR
        for day, end in zip(days, ends, strict=True)
    )
    return opens_with + arrive


def refuse_beyond(found: Forecast, budget: int, shown: str) -> None:
    """Raise Faults when a plan asks for more cases than the budget allows."""
    if found.cases <= budget:
        return
    ask = round(found.cases * 1.05 / 1_000_000) * 1_000_000
    wrong = (
        f"this would simulate about {_millions(found.cases)} cases, for about "
        f"{span(found.seconds)} with {workers_text(found.workers)}; the limit is "
        f"{_millions(budget)}."
    )
    remedy = f"Take fewer replications, scenarios or years, or ask for it with --budget {ask}."
    raise Faults([Fault(shown, "", wrong, remedy)])


def extrapolated(found: Forecast, replications: int, processors: Sequence[int]) -> str:
    """How long so many replications of the same would take on so many processors."""
    work = found.seconds * found.workers / found.replications
    times = [
        # However many there are, a replication takes as long as its largest part.
        f"{span(max(work * replications / count, work * found.longest))} on {count}"
        for count in processors
    ]
    return f"{replications} of them:  about {', '.join(times)} processors"


def forecast_lines(found: Forecast) -> list[str]:
    """The forecast in words."""
    low, high = min(found.cases_each.values()), max(found.cases_each.values())
    each = f"{low:,.0f}" if round(low) == round(high) else f"{low:,.0f} to {high:,.0f}"
    return [
        f"Cases:        about {each} in a replication, {_millions(found.cases)} in all",
        f"Time:         about {span(found.seconds)} with {workers_text(found.workers)}",
        f"Memory:       about {_bytes(found.memory)} at most",
        f"Disk:         about {_bytes(found.disk)}, of {_bytes(found.free)} that are free",
    ]


def span(seconds: float) -> str:
    """A length of time as one would say it."""
    if seconds < 90:
        return f"{_two_figures(seconds)} s"
    if seconds < 5400:
        return f"{_two_figures(seconds / 60)} min"
    if seconds < 172_800:
        return f"{_two_figures(seconds / 3600)} hours"
    return f"{_two_figures(seconds / 86_400)} days"


def workers_text(count: int) -> str:
    """A number of workers in words."""
    return "1 worker" if count == 1 else f"{count} workers"


def _a_year(model: Model, day: dt.date) -> float:
    """Cases a year at the rates of a day."""
    shares = {area: spec.share.at("default") for area, spec in model.divisions.items()}
    groups = model.vocabulary.offence_groups
    whole = sum(
        share / sum(shares.values()) * rate_on(stream, day, area, group, groups)
        for stream in model.streams.values()
        for area, share in shares.items()
        for group in groups
    )
    return whole / model.one_in


def _seconds_a_turn(turns: int = 200_000) -> float:
    """How long one turn of an empty loop takes here: the best of a few tries."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        number = 0
        for turn in range(turns):
            number += turn & 3
        best = min(best, time.perf_counter() - began)
    return best / turns


def _existing_parent(folder: Path) -> Path:
    """The folder, or the first above it that exists."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _two_figures(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.0f}" if number >= 10 else f"{number:.2g}"


def _millions(count: float) -> str:
    return f"{count / 1e6:,.1f} million" if count >= 1e6 else f"{count:,.0f}"


def _bytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
