"""`make bench`: a Staffordshire year in cjsim beside the plain textbook version, in the same run.

Each run has a process of its own; the two take turns, so that a busy machine slows both alike.
Trust the ratio, not the seconds: how quick the machine is, is told by what one event of plain SimPy
takes on it. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from statistics import median

from tests.conftest import ROOT

STUDY_FROM = dt.date(2013, 4, 1)
SEED = 20130401


def run_cjsim(model_folder: Path, days: int, seed: int = SEED) -> dict[str, float]:
    """One replication in cjsim: simulated, and its log written as it goes."""
    from cjsim.scenarios.load import load_model
    from cjsim.simulation.simulate import simulate

    model = load_model(model_folder)
    with tempfile.TemporaryDirectory() as folder:
        start, used = time.perf_counter(), time.process_time()
        run = simulate(
            model,
            seed=seed,
            replication=0,
            study_from=STUDY_FROM,
            study_to=STUDY_FROM + dt.timedelta(days=days - 1),
            folder=Path(folder),
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
    simulated = (run.study_to - run.epoch).days + 1
    return {
        "seconds": seconds,
        "cpu": cpu,
        "rows": run.events,
        "cases": run.cases,
        "days": simulated,
    }


def run_textbook(model_folder: Path, days: int, seed: int = SEED) -> dict[str, float]:
    """The same days in the textbook version: simulated, and its log written at the end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cjsim.scenarios.load import load_model
    from tests.speed.textbook.before_court import WAYS_IN
    from tests.speed.textbook.road import ProcessStep

    model = load_model(model_folder)
    warm_up = round(model.opening.warm_up_days.at("default"))
    with tempfile.TemporaryDirectory() as folder:
        start, used = time.perf_counter(), time.process_time()
        road = ProcessStep(model, seed, STUDY_FROM - dt.timedelta(days=warm_up), warm_up + days)
        road.run(WAYS_IN)
        simulated = time.perf_counter() - start
        pq.write_table(pa.Table.from_pylist(road.log), Path(folder) / "events.parquet")
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
    return {
        "seconds": seconds,
        "cpu": cpu,
        "unwritten": simulated,
        "rows": len(road.log),
        "cases": len(road.cases),
        "days": warm_up + days,
    }


def nanoseconds_a_timeout(events: int = 100_000) -> float:
    """What one timeout of plain SimPy takes here: the best of five runs."""
    import simpy

    def wait(env: simpy.Environment) -> Generator[simpy.Event, object, None]:
        for _ in range(events):
            yield env.timeout(1)

    def once() -> float:
        env = simpy.Environment()
        env.process(wait(env))
        start = time.perf_counter()
        env.run()
        return time.perf_counter() - start

    return min(once() for _ in range(5)) / events * 1e9


RUNS = {"cjsim": run_cjsim, "textbook": run_textbook}


def in_a_process(which: str, model_folder: Path, days: int) -> dict[str, float]:
    """Run one version in a fresh Python; what it measured."""
    command = [sys.executable, "-m", "tests.speed.bench", "--one", which]
    done = subprocess.run(
        [*command, "--model", str(model_folder), "--days", str(days)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def megabytes() -> float:
    """The most memory that this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def show(found: dict[str, list[dict[str, float]]], rounds: int) -> None:
    """The table: medians over the rounds."""

    def middle(which: str, what: str) -> float:
        return median(run[what] for run in found[which])

    days = int(middle("cjsim", "days"))
    print(f"Staffordshire, {days} days (warm-up and study), medians of {rounds} rounds")
    print(f"One timeout of plain SimPy takes {nanoseconds_a_timeout():,.0f} ns on this machine\n")
    print(f"{'':28}{'cjsim':>12}{'textbook':>12}")
    lines = [
        ("seconds, log written", lambda w: middle(w, "seconds"), ",.2f"),
        ("processor seconds of it", lambda w: middle(w, "cpu"), ",.2f"),
        ("seconds a year", lambda w: middle(w, "seconds") * 365 / middle(w, "days"), ",.2f"),
        ("processor seconds a year", lambda w: middle(w, "cpu") * 365 / middle(w, "days"), ",.2f"),
        ("cases", lambda w: middle(w, "cases"), ",.0f"),
        ("log rows", lambda w: middle(w, "rows"), ",.0f"),
        ("cases a second", lambda w: middle(w, "cases") / middle(w, "seconds"), ",.0f"),
        ("log rows a second", lambda w: middle(w, "rows") / middle(w, "seconds"), ",.0f"),
        ("peak memory, MB", lambda w: middle(w, "megabytes"), ",.0f"),
    ]
    for name, value, how in lines:
        print(f"{name:28}{value('cjsim'):>12{how}}{value('textbook'):>12{how}}")
    pairs = list(zip(found["cjsim"], found["textbook"], strict=True))
    wall, cpu, unwritten = (
        median(ours[of] / theirs[to] for ours, theirs in pairs)
        for of, to in (("seconds", "seconds"), ("cpu", "cpu"), ("seconds", "unwritten"))
    )
    print(
        f"\ncjsim takes {wall:.2f} of the textbook version's time, {cpu:.2f} of its processor time,"
    )
    print(f"and {unwritten:.2f} of its time when that one writes nothing. Budget: 0.50.")


def main() -> None:
    """Measure, or do one run and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", choices=RUNS)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "staffordshire_2013")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(RUNS[asked.one](asked.model, asked.days) | {"megabytes": megabytes()}))
        return
    found: dict[str, list[dict[str, float]]] = {which: [] for which in RUNS}
    for n in range(asked.rounds):
        for which in RUNS:
            print(f"round {n + 1} of {asked.rounds}: {which} ...", file=sys.stderr, flush=True)
            found[which].append(in_a_process(which, asked.model, asked.days))
    show(found, asked.rounds)


if __name__ == "__main__":
    main()
