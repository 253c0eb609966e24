"""What a manifest says, as types: whatever is wrong in one that was handed over is a message.

A results folder may come from anybody. Names become parts of paths, numbers decide how much is
read, and words reach a terminal and a page: all of them are checked before anything else is read.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from cjsim.errors import Fault, Faults, Slip
from cjsim.experiment.manifest_records import (
    MOST_REPLICATIONS,
    AreasRecord,
    AskedRecord,
    Count,
    Day,
    ModelRecord,
    OpeningRecord,
    OwnAreaRecord,
    PrecisionRecord,
    Record,
    RunRecord,
    ScenarioRecord,
    Sha256,
    TableName,
)
from cjsim.jurisdiction import Jurisdiction, jurisdiction_named
from cjsim.schema.base import Name
from cjsim.schema.bounds import STEERING, control_character
from cjsim.schema.files import dotted
from cjsim.storage.plain import PlainRow, PlainTable

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MANIFEST: Final = "manifest.json"
"""All that is needed to say how a run came about, and to make it again."""

LARGEST: Final = 256_000_000
"""Bytes that a manifest has at most; that of 25 scenarios has some ten million."""

DEEPEST: Final = 40
MOST_SHOWN: Final = 6
_MAY_STEER: Final = re.compile(STEERING.pattern + r"|\\u")
"""A quick look at a whole manifest: nearly none has any of these."""

REMEDY: Final = "Run the experiment again with --fresh."


class Manifest(Record):
    """A run's manifest.json.

    `tables` holds the SHA-256 of each table of the whole run by the name of its file,
    `records` that of each replication's record by its place below runs/; both are None in a
    manifest of a version of cjsim that did not keep them.
    """

    run_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]
    plan_hash: str | None = None
    results_hash: str | None = None
    experiment: AskedRecord
    scenarios: Annotated[list[ScenarioRecord], Field(min_length=1)]
    seed: Count
    areas: AreasRecord | None = None
    replications: Annotated[int, Field(strict=True, ge=1, le=MOST_REPLICATIONS)]
    precision: PrecisionRecord | None = None
    study_from: Day
    study_to: Day
    opening: OpeningRecord | None = None
    notices: list[str] = Field(default=[])
    versions: PlainTable = Field(default={})
    commit: str | None = None
    engine: str | None = None
    """The engine of the process that wrote the results; it makes no difference to them."""
    runs: list[RunRecord] = Field(default=[])
    tables: dict[TableName, Sha256] | None = None
    records: dict[str, Sha256] | None = None
    models: dict[Name, ModelRecord]
    model_values: Annotated[PlainTable, Field(validation_alias="models", default={})]
    """The resolved models in full, as plain values."""
    area: OwnAreaRecord | None = None
    """Set on results of one of several areas, which are never written to a file."""

    @property
    def names(self) -> list[str]:
        """The scenarios, the baseline first."""
        return [scenario.name for scenario in self.scenarios]

    @property
    def jurisdiction(self) -> Jurisdiction:
        """The jurisdiction of its models."""
        return jurisdiction_named(self.models[self.names[0]].jurisdiction)

    @property
    def labels(self) -> dict[str, str]:
        """The label of each scenario."""
        return {scenario.name: scenario.label for scenario in self.scenarios}

    @property
    def period(self) -> str:
        """The study period, such as "2013-04-01 to 2014-03-31"."""
        return f"{self.study_from} to {self.study_to}"

    @property
    def area_names(self) -> list[str]:
        """The areas that these are the results of; one without a name where there are no areas."""
        if self.areas is not None:
            return [*self.areas.of]
        return [""] if self.area is None else [self.area.name]

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        names = self.names
        if len(set(names)) < len(names):
            raise Slip("a scenario stands here twice.", "", ("scenarios",))
        if lacking := [name for name in names if name not in self.models]:
            raise Slip(f"there is no model of {', '.join(lacking)}.", "", ("models",))
        if self.study_to < self.study_from:
            raise Slip("the last day lies before the first.", "", ("study_to",))
        if self.runs:
            wanted = {
                (name, replication, area)
                for name in names
                for replication in range(self.replications)
                for area in self.area_names
            }
            there = [(run.scenario, run.replication, run.area) for run in self.runs]
            if len(there) != len(wanted) or set(there) != wanted:
                raise Slip("these are not all the replications, each once.", "", ("runs",))
        if (self.tables is None) != (self.records is None):
            raise Slip("it goes with the hashes of the tables.", "", ("records",))
        if self.records is not None:
            places = {
                f"{run.scenario}{'@' if run.area else ''}{run.area}/{run.replication:03d}"
                for run in self.runs
            }
            if not places or places != self.records.keys():
                raise Slip("these are not all the replications, each once.", "", ("records",))
        return self


class _WrittenManifest(Manifest):
    """A manifest as a run writes it: of all areas together, and of one run alone."""

    area: None = None
    with_run: None = None


def read_manifest(folder: Path) -> tuple[Manifest, PlainTable]:
    """A run's manifest, checked, and the same as plain values. Raises Faults."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST:
            raise _faults(folder, [f"this is larger than {LARGEST:,} bytes."])
        text = path.read_text(encoding="utf-8")
        content = json.loads(text, parse_constant=no_number)
    except (OSError, ValueError, RecursionError):
        raise _faults(folder, ["this cannot be read."]) from None
    if not isinstance(content, dict):
        content = {}
    if _MAY_STEER.search(text) and (strange := [*_steering(content)]):
        raise _faults(folder, strange)
    try:
        manifest: Manifest = _WrittenManifest.model_validate(content, by_alias=True)
    except ValidationError as error:
        raise _faults(folder, _told(error.errors())) from None
    if wrong := [*_wrong_numbers(manifest.model_values)]:
        raise _faults(folder, wrong)
    return manifest, content


def no_number(word: str) -> None:
    """Refuse NaN and Infinity, which are no JSON. Raises ValueError."""
    raise ValueError(f"{word} is no number")


def _faults(folder: Path, wrong: list[str]) -> Faults:
    more = len(wrong) - MOST_SHOWN
    shown = [*wrong[:MOST_SHOWN], *([f"{more} more things are wrong here."] if more > 0 else [])]
    return Faults(Fault(str(folder), MANIFEST, one, REMEDY) for one in shown)


def _told(errors: list[ErrorDetails]) -> list[str]:
    """What pydantic found, in plain words: all that is missing in one line, then each slip."""
    lacking = [_place(error) for error in errors if error["type"] == "missing"]
    others = [error for error in errors if error["type"] != "missing"]
    start = "this is damaged, or of another version: it has no"
    told = [f"{start} {', '.join(lacking)}."] if lacking else []
    return told + [
        f"{start} {_place(error)} that can be used: {_reason(error)}" for error in others
    ]


def _place(error: ErrorDetails) -> str:
    slip = error.get("ctx", {}).get("error")
    at = (*error["loc"], *(slip.at if isinstance(slip, Slip) else ()))
    return dotted(at) or "content"


_WANTED: Final = {
    "string_type": "a text is wanted.",
    "dict_type": "a table is wanted.",
    "model_type": "a table is wanted.",
    "list_type": "a list is wanted.",
    "int_type": "a whole number is wanted.",
    "float_type": "a number is wanted.",
    "bool_type": "true or false is wanted.",
    "none_required": "nothing is wanted here.",
    "string_pattern_mismatch": "this is no name or hash of cjsim's.",
    "too_short": "there is nothing in it.",
}


def _reason(error: ErrorDetails) -> str:
    slip = error.get("ctx", {}).get("error")
    if isinstance(slip, Slip):
        return slip.wrong
    message = error["msg"]
    return _WANTED.get(error["type"], f"{message[:1].lower()}{message[1:]}.")


def _steering(content: PlainRow) -> Iterator[str]:
    """Text that steers a screen instead of showing."""
    about = content.get("experiment")
    if isinstance(about, dict):
        # The text of a file has comments, which nobody is shown.
        content = {**content, "experiment": {k: v for k, v in about.items() if k != "text"}}
    at = control_character(content)
    if at is not None:
        yield f"the text at {dotted(at)} holds a control character."


def _wrong_numbers(models: object) -> Iterator[str]:
    """The numbers with a source whose dated changes are not such, and tables without end."""
    waiting: list[tuple[str, int, object]] = [("models", 0, models)]
    while waiting:
        at, depth, value = waiting.pop()
        if depth > DEEPEST:
            yield "its models are nested too deep."
            return
        if isinstance(value, dict):
            if "evidence" in value and "source" in value and not _is_sourced(value):
                yield f"it has no {at} that can be used: a number with dated changes is wanted."
            waiting += [
                (f"{at}.{key}", depth + 1, below)
                for key, below in value.items()
                if isinstance(below, dict | list)
            ]
        elif isinstance(value, list):
            waiting += [
                (f"{at}[]", depth + 1, below) for below in value if isinstance(below, dict | list)
            ]


def _is_sourced(number: PlainRow) -> bool:
    changes = number.get("changes") or []
    if not isinstance(changes, list) or not isinstance(number.get("range") or [], list):
        return False
    for change in changes:
        if not isinstance(change, dict) or not isinstance(change.get("range") or [], list):
            return False
        if not isinstance(change.get("area"), str | None):
            return False
        try:
            dt.date.fromisoformat(change["from"])
        except (KeyError, TypeError, ValueError):
            return False
    return True
