"""The memory of the worker that runs the largest area of England and Wales, phase by phase.

One worker runs one area at a time, the largest first: what that one holds at most is what a
national run takes with one worker.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

NATIONAL = ROOT / "experiments" / "england_wales_43_areas.toml"
PROMISED_MEGABYTES = 1000
Found = dict[str, Any]


def most_held() -> float:
    """The most memory that this process has held since `forget`, in MB.

    What the system counts for `getrusage` begins with the memory of whoever started the process.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024 / 1e6


def forget() -> None:
    """Begin anew to note the most memory that this process holds."""
    Path("/proc/self/clear_refs").write_text("5")


def run_area(area: str = "") -> Found:
    """One replication of an area, the largest if none is named, in this process."""
    from cjsim.experiment import replication as room
    from cjsim.experiment.forecast import forecast
    from cjsim.experiment.plan import Task
    from cjsim.experiment.run import make_plan
    from cjsim.scenarios.load import load_experiment

    plan = make_plan(load_experiment(NATIONAL), areas=[area] if area else None)
    area = plan.area_names[0]
    found: Found = {
        "areas": len(plan.area_names),
        "area": area,
        "before": most_held(),
        "foreseen": forecast(plan, workers=1, out=ROOT).memory / 1e6,
    }

    def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*args: Any, **kwargs: Any) -> Any:
            forget()
            began = time.process_time()
            done = work(*args, **kwargs)
            found[f"{name}_seconds"] = time.process_time() - began
            found[name] = most_held()
            return done

        return doing

    simulate, measure = room.simulate, room.measure
    vars(room).update(simulate=watched("simulate", simulate), measure=watched("measure", measure))
    try:
        with tempfile.TemporaryDirectory() as folder:
            job = room.Job(
                plan.scenarios,
                plan.seed,
                plan.study_from,
                plan.study_to,
                Path(folder),
                keep_logs=True,
                areas=plan.areas,
            )
            done = room.run_replication(job, Task("baseline", 0, area))
    finally:
        vars(room).update(simulate=simulate, measure=measure)
    found["megabytes"] = max(found["simulate"], found["measure"], most_held())
    return {**found, "cases": done.cases, "rows": done.events}


def in_a_process(area: str = "") -> Found:
    """The same in a fresh Python, whose memory is nobody else's."""
    command = [sys.executable, "-m", "tests.speed.largest", "--area", area]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: Found = json.loads(done.stdout)
    return found


def told(found: Found) -> str:
    """What it took, in words."""
    return (
        f"{found['megabytes']:,.0f} MB at most, {found['cases']:,} cases and {found['rows']:,} "
        f"rows: {found['simulate']:,.0f} while it simulates, {found['measure']:,.0f} while it "
        f"measures; {found['foreseen']:,.0f} foretold"
    )


def show_largest() -> None:
    """The memory of one worker for 43 areas."""
    found = in_a_process()
    name = found["area"].replace("_", " ").capitalize()
    print(
        f"\nThe largest of {found['areas']} areas, a year after its warm-up in one worker: {name}\n"
        f"\n{told(found)}.\nSeconds of one processor: {found['simulate_seconds']:.0f} to simulate, "
        f"{found['measure_seconds']:.1f} to measure."
        f"\nPromise: 43 areas in less than {PROMISED_MEGABYTES:,} MB, one area after the other."
    )


def main() -> None:
    """Run an area and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--area", default="")
    print(json.dumps(run_area(parser.parse_args().area)))


if __name__ == "__main__":
    main()
