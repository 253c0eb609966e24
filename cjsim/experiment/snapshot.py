"""The cases open on a day, after a model's warm-up, as a table that experiments can open with."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from cjsim.experiment.days import default_first_day, valid_first_day
from cjsim.experiment.open_ages import bands_on_eve, draw_by_age
from cjsim.scenarios.load import load_model
from cjsim.schema.files import shown_path
from cjsim.simulation.process import process_of
from cjsim.simulation.simulate import snapshot
from cjsim.storage.outputs import output_file, refuse_what_is_in_the_way
from cjsim.storage.tables import as_text


def write_snapshot(
    model_folder: Path,
    out: Path,
    *,
    seed: int = 1,
    replication: int = 0,
    on: dt.date | None = None,
    ages: Path | None = None,
    total: float | None = None,
    snapshots: int = 1,
) -> tuple[int, dt.date]:
    """Write the table to `out` in one step; how many cases it holds, and of which day.

    The day is the first of the financial year of the model's prices if none is given. `ages` are
    published age bands of open Crown Court cases: then so many of each age are drawn from the
    cases of `snapshots` replications, `total` of them in all if that is published elsewhere. Raises
    Faults, of the day as well, and OSError when the table cannot be written.
    """
    refuse_what_is_in_the_way([out])
    model = load_model(model_folder)
    day = valid_first_day(on or default_first_day(model), "--on")
    bands = None if ages is None else bands_on_eve(ages, day)
    numbers = range(replication, replication + (snapshots if bands else 1))
    rows = [
        row for number in numbers for row in snapshot(model, seed=seed, replication=number, on=day)
    ]
    if bands is not None:
        rows = draw_by_age(
            rows, bands, one_in=model.one_in, total=total, file=shown_path(model_folder)
        )
    with output_file(out, "snapshot") as file, as_text(file) as text:
        writer = csv.DictWriter(text, list(process_of(model).OPENING_COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows), day
