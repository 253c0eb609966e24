"""An example extract: the cases of a simulated year in the format of an agency."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from cjsim.calibration.fitting.extract_layout import COLUMNS
from cjsim.des.log_reader import read_minutes
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.experiment.days import default_first_day
from cjsim.scenarios.load import load_model
from cjsim.simulation.simulate import simulate
from cjsim.storage.outputs import output_file, refuse_what_is_in_the_way
from cjsim.storage.plain import PlainRow
from cjsim.storage.tables import as_text
from cjsim.storage.temporary import scratch_folder

DEFAULT_SEED: Final = 1
_OF_EVENTS: Final = ("detention", "investigation", "return_on_bail", "crown_trial")


def write_example(
    out: Path, model_folder: Path, *, seed: int = DEFAULT_SEED
) -> tuple[int, dt.date]:
    """Simulate a year of a model and write the cases that came in during it as an extract.

    Returns the number of rows and the last day, on which open cases are open.
    Raises Faults, OSError.
    """
    refuse_what_is_in_the_way([out])
    model = load_model(model_folder)
    first = default_first_day(model)
    last = first.replace(year=first.year + 1) - dt.timedelta(days=1)
    with scratch_folder() as scratch:
        run = simulate(
            model, seed=seed, replication=0, study_from=first, study_to=last, folder=scratch
        )
        events, cases = read_minutes(run.events_path), read_minutes(run.cases_path)
    spans: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    trials: dict[int, float] = {}
    wanted = pc.is_in(events.column("activity"), pa.array(_OF_EVENTS))
    columns = ["case_id", "activity", "queued_at", "ended_at", "minutes", "result"]
    session = model.lists["crown_trials"].session_minutes.at("default")
    for row in events.select(columns).filter(wanted).to_pylist():
        if row["activity"] != "crown_trial":
            spans[row["case_id"]].setdefault(row["activity"], (row["queued_at"], row["ended_at"]))
        elif row["result"] == "effective":
            trials[row["case_id"]] = max(1.0, -(-row["minutes"] // session))
    begins = (first - run.epoch).days * MINUTES_A_DAY
    rows = [
        _row(row, spans.get(row["case_id"], {}), trials.get(row["case_id"]), run.epoch)
        for row in cases.to_pylist()
        if row["arrived_at"] >= begins
    ]
    with output_file(out, "example") as file, as_text(file) as text:
        writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows), last


def _row(
    case: PlainRow,
    spans: Mapping[str, tuple[int, int]],
    trial_days: float | None,
    epoch: dt.date,
) -> dict[str, str]:
    """A case as a row, with the days that a police force or a court records."""

    def day(minute: int) -> str:
        moment = epoch + dt.timedelta(days=minute // MINUTES_A_DAY)
        return moment.isoformat() if minute >= 0 else ""

    def time(minute: int) -> str:
        start = dt.datetime.combine(epoch, dt.time())
        moment = start + dt.timedelta(minutes=minute)
        return moment.strftime("%Y-%m-%d %H:%M") if minute >= 0 else ""

    arrived, left_cell = spans.get("detention", (-1, -1))
    bailed = spans["investigation"][0] if left_cell >= 0 and "investigation" in spans else -1
    bail_ended = spans.get("return_on_bail", (-1, -1))[1] if bailed >= 0 else -1
    for_trial = case["crown_way"] == "for_trial"
    return {
        "case": str(case["case_id"]),
        "offence_group": case["offence_group"],
        "custody_arrived": time(arrived),
        "custody_left": time(left_cell),
        "bailed": day(bailed),
        "bail_ended": day(bail_ended),
        "charged": day(case["charged_at"]),
        "first_listed": day(case["first_listed_at"]),
        "magistrates_completed": day(case["magistrates_completed_at"]),
        "received_crown": day(case["received_crown_at"]) if for_trial else "",
        "crown_completed": day(case["ended_at"]) if for_trial else "",
        "crown_trial_days": f"{trial_days:.0f}" if trial_days else "",
        "ended": day(case["ended_at"]),
    }
