"""Short runs of the toy model, for laws that must hold in every run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np

from cjsim.des.log_reader import read_minutes
from cjsim.scenarios.load import load_model
from cjsim.schema.model import Model
from cjsim.simulation.simulate import Run, simulate

STUDY_FROM = dt.date(2013, 4, 1)
STUDY_TO = dt.date(2013, 9, 30)

Columns = dict[str, np.ndarray[Any, Any]]


def toy_model(toy: Path) -> Model:
    """The toy model as it is."""
    return load_model(toy)


def run(model: Model, folder: Path, *, replication: int = 0, to: dt.date = STUDY_TO) -> Run:
    """One replication over the summer of 2013."""
    folder.mkdir(parents=True, exist_ok=True)
    return simulate(
        model,
        seed=1,
        replication=replication,
        study_from=STUDY_FROM,
        study_to=to,
        folder=folder,
    )


def columns(path: Path) -> Columns:
    """A table of the log as numpy columns, times in minutes since the epoch, -1 for none."""
    table = read_minutes(path)
    return {name: table[name].to_numpy() for name in table.column_names}


def changed(model: Model, **tables: dict[str, dict[str, object]]) -> Model:
    """A copy of a model with some fields of some tables replaced, checked again as a whole."""
    data = model.model_dump(by_alias=True)
    for table, entries in tables.items():
        for name, fields in entries.items():
            merge(data[table][name], fields)
    return Model.model_validate(data)


def merge(into: dict[str, Any], fields: dict[str, Any]) -> None:
    """Replace what `fields` names, table by table."""
    for key, value in fields.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict) and key != "value":
            merge(into[key], value)
        else:
            into[key] = value
