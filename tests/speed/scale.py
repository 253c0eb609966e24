"""The second half of `make bench`: what cost does as a run grows. Nothing here passes or fails.

- 1, 5 and 20 areas of one size, one after the other in one process: processor time and memory for
  each case, against those of the first;
- the loop while 100,000 cases wait, in the queue of a pool or asleep until a later day;
- two workers against one;
- what a replication costs beside simulating: of a day on which next to nothing happens;
- the scenarios of an experiment together, against each for itself;
- the memory of one worker that runs the largest of the 43 areas of England and Wales.

Parts take turns and the best or the median of some rounds is told; ratios travel, seconds do not.
`--chart FILE` draws the first two as an SVG for the guide.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from tests.conftest import ROOT
from tests.speed.bench import megabytes
from tests.speed.largest import show_largest
from tests.speed.shared import show_shared

COUNTS = (1, 5, 20)
TIMES_TOY = 5.0
"""How many times the toy model each of the areas is: some thousands of cases in a year."""
WAITING = (0, 1_000, 10_000, 100_000)
CYCLES = 40_000
CUSTOMERS, PLACES = 50, 10
PARTS = ("areas", "backlog", "workers", "overhead", "shared", "largest")
Found = dict[str, Any]


# --- areas side by side -----------------------------------------------------------------------


def run_areas(count: int) -> Found:
    """So many areas of one size through the executor, in this process."""
    from cjsim.experiment.plan import Plan
    from cjsim.experiment.replications import run_plan
    from cjsim.scenarios.load import load_model
    from cjsim.scenarios.scenario import scenarios_of
    from cjsim.schema.areas import Area, Areas

    areas = Areas(
        unit="toys",
        base=1.0,
        source="bench",
        evidence="estimated",
        of={f"area_{n}": Area(title=f"Area {n}", size=TIMES_TOY) for n in range(count)},
    )
    plan = Plan(
        scenarios=scenarios_of({"baseline": load_model(ROOT / "models" / "toy")}),
        seed=20130401,
        replications=1,
        study_from=dt.date(2013, 4, 1),
        study_to=dt.date(2014, 3, 31),
        areas=areas,
    )
    with tempfile.TemporaryDirectory() as folder:
        before, used = megabytes(), time.process_time()
        runs = run_plan(plan, folder=Path(folder), workers=1)
        cpu = time.process_time() - used
    return {
        "areas": count,
        "cases": sum(run.cases for run in runs),
        "cpu": cpu,
        "before": before,
        "megabytes": megabytes(),
    }


def in_a_process(count: int) -> Found:
    """The same in a fresh Python, whose memory is nobody else's."""
    command = [sys.executable, "-m", "tests.speed.scale", "--areas", str(count)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: Found = json.loads(done.stdout)
    return found


def show_areas(rounds: int) -> list[Found]:
    """Processor time and memory for each case with 1, 5 and 20 areas."""
    found: dict[int, list[Found]] = {count: [] for count in COUNTS}
    for _ in range(rounds):
        for count in COUNTS:
            found[count].append(in_a_process(count))
    lines = []
    for count, runs in found.items():
        lines.append(
            {
                "areas": count,
                "cases": runs[0]["cases"],
                "microseconds": min(run["cpu"] / run["cases"] for run in runs) * 1e6,
                "megabytes": median(run["megabytes"] for run in runs),
            }
        )
    print(f"\nAreas of one size, one after the other in one process (best of {rounds})\n")
    print(f"{'areas':>8}{'cases':>10}{'us a case':>12}{'of one':>9}{'peak MB':>10}{'of one':>9}")
    first = lines[0]
    for line in lines:
        print(
            f"{line['areas']:>8}{line['cases']:>10,}{line['microseconds']:>12,.0f}"
            f"{line['microseconds'] / first['microseconds']:>9.2f}{line['megabytes']:>10,.0f}"
            f"{line['megabytes'] / first['megabytes']:>9.2f}"
        )
    print(
        "Promise: time for each case within 15 % of one area's; memory no more than in proportion."
    )
    return lines


# --- a long backlog ---------------------------------------------------------------------------


def seconds_of_the_loop(waiting: int, where: str) -> float:
    """Customers who claim a place, work and come again, while so many others wait for nothing.

    Those in the queue wait behind every customer; those asleep wake after the end.
    """
    from cjsim.des.environment import Environment, Process
    from cjsim.des.resources import Resource

    env = Environment()
    pool = Resource(env, "officers", PLACES)
    left = CYCLES

    def customer(minutes: int) -> Generator[Any, Any, None]:
        nonlocal left
        while left > 0:
            turn = pool.request(0)
            if turn is not None:
                yield turn
            yield minutes
            left -= 1
            pool.release()

    def in_the_queue() -> Generator[Any, Any, None]:
        yield pool.request(9)

    def asleep(days: int) -> Generator[Any, Any, None]:
        yield days * 1440

    for number in range(CUSTOMERS):
        Process(env, customer(7 + number % 5))
    # Whoever waits has begun to before the loop is timed.
    for number in range(waiting):
        Process(env, in_the_queue() if where == "queue" else asleep(1000 + number % 300))
    gc.collect()
    gc.freeze()
    gc.disable()
    env.run_until(1440)
    # Of the processor: by the clock on the wall others who use the machine would be counted.
    began, before = time.process_time(), left
    env.run_until(20 * 1440)
    seconds = time.process_time() - began
    gc.enable()
    gc.unfreeze()
    return seconds / (before - left) * 1e6


def show_backlog(rounds: int) -> list[Found]:
    """Microseconds for each turn of the loop, by how many wait and where."""
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for where in ("queue", "asleep"):
            for waiting in WAITING:
                found.setdefault((where, waiting), []).append(seconds_of_the_loop(waiting, where))
    lines = [
        {"where": where, "waiting": waiting, "microseconds": min(times)}
        for (where, waiting), times in found.items()
    ]
    print(f"\nOne claim, work and free, while others wait (best of {rounds})\n")
    print(f"{'waiting':>10}{'in the queue, us':>20}{'of none':>9}{'asleep, us':>14}{'of none':>9}")
    for waiting in WAITING:
        cells = ""
        for where, width in (("queue", 20), ("asleep", 14)):
            best, none = min(found[where, waiting]), min(found[where, 0])
            cells += f"{best:>{width}.2f}{best / none:>9.2f}"
        print(f"{waiting:>10,}{cells}")
    print("Promise: 100,000 waiting slow the loop by less than 30 %.")
    return lines


# --- workers, and what is not simulating ------------------------------------------------------


def show_workers(rounds: int) -> None:
    """Two workers against one, each in processes of its own."""
    from cjsim.experiment.executors.executor import run_tasks
    from cjsim.experiment.executors.processes import Processes
    from cjsim.experiment.plan import Task
    from cjsim.experiment.replication import Job, run_replication
    from cjsim.scenarios.load import load_model
    from cjsim.scenarios.scaling import at_scale

    toy = load_model(ROOT / "models" / "toy")
    model = at_scale(toy, TIMES_TOY, area="large_toy", title="Large toy")
    tasks = [Task("baseline", number) for number in range(12)]
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers, times in found.items():
            with tempfile.TemporaryDirectory() as folder:
                job = Job(
                    {"baseline": model},
                    1,
                    dt.date(2013, 4, 1),
                    dt.date(2013, 12, 31),
                    Path(folder),
                    keep_logs=True,
                )
                began = time.perf_counter()
                run_tasks(run_replication, job, tasks, executor=Processes(workers))
                times.append(time.perf_counter() - began)
    best = {workers: min(times) for workers, times in found.items()}
    print(f"\n{len(tasks)} replications: {best[1]:.1f} s with one worker, {best[2]:.1f} s with two")
    ratio = median(one / two for one, two in zip(found[1], found[2], strict=True))
    print(
        f"Two workers do {ratio:.2f} times as much as one (best against best: "
        f"{best[1] / best[2]:.2f}).\nPromise: 1.8, on two processors with nothing else to do."
    )


def show_overhead(rounds: int) -> None:
    """A replication of a day on which next to nothing happens: to begin, to measure, to write."""
    from cjsim.experiment import replication as room
    from cjsim.scenarios.load import load_model
    from cjsim.scenarios.scenario import scenarios_of
    from tests.support.runs import changed

    model = changed(
        load_model(ROOT / "models" / "toy"), opening={"warm_up_days": {"value": 0, "range": [0, 0]}}
    )
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            try:
                return work(*args, **kwargs)
            finally:
                spent[name] = spent.get(name, 0.0) + time.process_time() - began

        return doing

    simulate, measure = room.simulate, room.measure
    vars(room).update(simulate=timed("simulate", simulate), measure=timed("measure", measure))
    all_rounds = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            day = dt.date(2013, 4, 2)
            job = room.Job(
                scenarios_of({"baseline": model}), 1, day, day, Path(folder), keep_logs=True
            )
            for number in range(rounds):
                spent.clear()
                began = time.process_time()
                room.run_replication(replace(job), room.Task("baseline", number))
                all_rounds.append({"all": time.process_time() - began, **spent})
    finally:
        vars(room).update(simulate=simulate, measure=measure)
    middle = {key: median(one[key] for one in all_rounds[1:]) * 1e3 for key in all_rounds[0]}
    rest = middle["all"] - middle["simulate"] - middle["measure"]
    print(
        f"\nA replication of one quiet day takes {middle['all']:.0f} ms of one processor:"
        f"\n{middle['simulate']:.0f} to build the world and close its log, {rest:.0f} to write and "
        f"publish, {middle['measure']:.0f} to measure (median of {rounds - 1})."
        "\nPromise: to begin and to write, below 50 ms."
    )


# --- the chart --------------------------------------------------------------------------------


def draw(areas: list[Found], backlog: list[Found], path: Path) -> None:
    """Both as one chart: relative cost against size, with the promise as a line."""
    from cjsim.report import style
    from cjsim.storage.whole import write_bytes

    queue = [one for one in backlog if one["where"] == "queue"]
    per_case = [one["microseconds"] / areas[0]["microseconds"] for one in areas]
    loop = [one["microseconds"] / queue[0]["microseconds"] for one in queue]
    kept = max(per_case) < 1.15 and max(loop) < 1.3
    title = f"Cost grows {'in proportion to' if kept else 'faster than'} the work"
    with style.house_style():
        fig = style.figure(2.6)
        left, right = style.panels(fig, 2, left=0.6, top=0.35, height=1.9, gap=0.85)
        for axes, look, label, line in (
            (left, style.LOOKS[0], "Areas in one process", 1.15),
            (right, style.LOOKS[1], "Cases waiting, in a pool's queue", 1.3),
        ):
            style.panel_title(axes, look, label, 40)
            axes.axhline(line, color=style.DARK_GREY, linewidth=0.8, linestyle=":")
            style.bare(axes, keep=("bottom",))
            axes.grid(axis="y")
            axes.set_ylim(0, 1.6)
            axes.set_yticks([0.0, 0.5, 1.0, 1.5])
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.1f}")
        counts = [one["areas"] for one in areas]
        for axes, values, names, look, promise in (
            (left, per_case, [str(count) for count in counts], style.LOOKS[0], 1.15),
            (right, loop, [f"{one['waiting']:,}" for one in queue], style.LOOKS[1], 1.3),
        ):
            axes.plot(range(len(values)), values, color=look.colour, marker=look.marker)
            axes.set_xticks(range(len(values)))
            axes.set_xticklabels(names)
            for place, value in enumerate(values):
                style.note(axes, f"{value:.2f}", (place, value), xytext=(0, -11), ha="center")
            style.note(axes, f"promised: below {promise:g}", (0, promise), xytext=(0, 6))
        subtitle = (
            "Time for each case, one area = 1 (left); for each claim, work and free, nobody "
            "waiting = 1 (right). One processor."
        )
        style.frame(fig, title, subtitle, "Source: make bench, on one machine on one day.")
        words = (
            "Two line charts. "
            f"Areas {', '.join(map(str, counts))}: "
            f"{', '.join(f'{value:.2f}' for value in per_case)} of the time for each case. "
            f"Waiting {', '.join(format(one['waiting'], ',') for one in queue)}: "
            f"{', '.join(f'{value:.2f}' for value in loop)} of the time of the loop."
        )
        content = style.svg_bytes(fig, title, words)
    write_bytes(content, path)


def main() -> None:
    """Measure all of it, or do one part and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chart", type=Path)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    if asked.areas:
        print(json.dumps(run_areas(asked.areas)))
        return
    areas = show_areas(asked.rounds) if "areas" in asked.only else []
    backlog = show_backlog(asked.rounds) if "backlog" in asked.only else []
    if asked.chart and areas and backlog:
        draw(areas, backlog, asked.chart)
    if "workers" in asked.only:
        show_workers(asked.rounds)
    if "overhead" in asked.only:
        show_overhead(10 * asked.rounds + 1)
    if "shared" in asked.only:
        show_shared()
    if "largest" in asked.only:
        show_largest()


if __name__ == "__main__":
    main()
