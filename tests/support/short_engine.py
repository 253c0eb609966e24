"""An experiment on an engine of three lines, for tests of what is around the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from cjsim.experiment import replication as room
from cjsim.schema.model import Model

EXPERIMENT = """
title = "A question"
question = "What if?"
owner = "Nobody"

[run]
model = "{model}"
from = 2013-04-01
to = 2013-06-30
replications = 3
seed = 7

[scenarios.ready]
label = "Ready [x]"
[scenarios.ready.set]
"branches.file_ready.probability" = {{ value = 0.9, source = "assumption", range = [0.5, 1.0] }}

[scenarios.nothing]
label = "Nothing"

[report]
watch = ["hearings_per_case"]

[sensitivity]
effects = false

[uncertain]
effects = false
"""


def put_in(
    monkeypatch: pytest.MonkeyPatch,
    file: Path,
    text: str,
    *,
    simulate: Callable[..., Any],
    measure: Callable[..., pa.Table],
) -> Path:
    """An experiment in a file, whose replications are these functions and take no time."""
    monkeypatch.setattr(room, "simulate", simulate)
    monkeypatch.setattr(room, "measure", measure)
    file.write_text(text)
    return file


def simulate(model: Model, *, seed: int, replication: int, folder: Path, **_: Any) -> Any:
    ready = model.branches["file_ready"].probability
    value = seed + replication + len(ready.changes)
    (folder / "events.parquet").write_text(str(value))
    content = hashlib.sha256(str(value).encode()).hexdigest()
    return SimpleNamespace(content_hash=content, events=1, cases=1, overloaded=())


def measure(folder: Path, model: Model) -> pa.Table:
    value = float((folder / "events.parquet").read_text())
    row = {
        "court": "all",
        "group": "",
        "period": "all",
        "value": value,
        "unit": "hearings per case",
    }
    return pa.Table.from_pylist([{"kpi": "hearings_per_case", **row}])
