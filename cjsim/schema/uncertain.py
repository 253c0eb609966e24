"""What no check can find wrong, and a reader should know: sources nobody checked, years far off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cjsim.schema.checks.provenance import ASSUMPTION, MADE_UP
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import shown_path
from cjsim.schema.model import Model
from cjsim.schema.parameter_paths import sourced_values
from cjsim.schema.register import FILE, register_path

YEARS_AFTER: Final = 8
"""How many years after the last day that a model says anything of it is still taken for its own."""


def notes_on_sources(folder: Path, model: Model) -> Iterator[str]:
    """That the sources of a model are not checked, where no register lies above it."""
    if register_path(folder) is not None:
        return
    named = {value.source for _, value in sourced_values(model)} - {ASSUMPTION, MADE_UP}
    if named:
        count = len(named)
        are = "1 source is" if count == 1 else f"{count} sources are"
        yield (
            f"{shown_path(folder)} stands outside a study: no {FILE} lies above it, so its {are} "
            f"not checked ({sorted(named)[0]}{', ...' if count > 1 else ''})."
        )


def notes_on_years(experiment: Experiment, model: Model) -> Iterator[str]:
    """That a run lies long after, or before, what the numbers and the law of its model are of."""
    base = int(model.costs.price_base[:4])
    days = [
        change.from_
        for _, value in sourced_values(model)
        for change in getattr(value, "changes", ())
    ]
    last = max([dt.date(base + 1, 3, 31), *days])
    run = experiment.run
    if run.from_.year > last.year + YEARS_AFTER or run.to.year < base - YEARS_AFTER:
        yield (
            f"The run is of {run.from_.year} to {run.to.year}; the numbers and the law of "
            f'"{model.title}" are of {base} to {last.year}, and nothing that changed since or '
            "before is in it."
        )
