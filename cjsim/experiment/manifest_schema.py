"""What a manifest says, as types: whatever is wrong in one that was handed over is a message.

A results folder may come from anybody. Names become parts of paths, numbers decide how much is
read, and words reach a terminal and a page: all of them are checked before anything else is read.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from cjsim.errors import Fault, Faults, Slip
from cjsim.spec.areas import Area, Areas
from cjsim.spec.base import Name, Real
from cjsim.spec.bounds import STEERING
from cjsim.spec.files import KeyPath, dotted
from cjsim.spec.money import Fund, LedgerPlan

MANIFEST: Final = "manifest.json"
"""All that is needed to say how a run came about, and to make it again."""

LARGEST: Final = 256_000_000
"""Bytes that a manifest has at most; that of 25 scenarios has some ten million."""

MOST_REPLICATIONS: Final = 10_000
MOST_TEXT: Final = 2_000_000
"""Letters of an experiment's file, as its manifest keeps it."""

DEEPEST: Final = 40
MOST_SHOWN: Final = 6
_MAY_STEER: Final = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\\u")
"""A quick look at a whole manifest: nearly none has any of these."""

REMEDY: Final = "Run the experiment again with --fresh."

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 12, 31))]
TableName = Literal["kpis.parquet", "comparison.parquet", "areas.parquet"]
Count = Annotated[int, Field(strict=True, ge=0, le=2**53)]


class Record(BaseModel):
    """A table of a manifest. What other versions of cjsim add is left as it is."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class ScenarioRecord(Record):
    """A scenario that ran, the baseline first."""

    name: Name
    label: str


class SideRecord(Record):
    """A measure on one side of a trade-off."""

    measure: str
    court: str | None = None
    group: str | None = None


class TradeOffRecord(Record):
    """A trade-off that the report draws."""

    title: str
    gain: list[SideRecord]
    loss: list[SideRecord]
    steps: dict[str, str]


class AskedRecord(Record):
    """The question that was put, as its file had it."""

    title: str
    question: str
    owner: str
    watched: list[str]
    worthwhile: dict[str, Real]
    trade_offs: list[TradeOffRecord] = []
    funds: dict[Name, Fund] = {}
    draws_on: dict[str, list[str]] = {}
    ledger: LedgerPlan | None = None
    name: str | None = None
    file: str | None = None
    text: Annotated[str, Field(max_length=MOST_TEXT)] | None = None
    status: str | None = None
    data_as_of: Day | None = None
    review_by: Day | None = None
    caveats: list[str] = []
    replications_asked: Count | None = None

    @model_validator(mode="after")
    def _funds_are_there(self) -> Self:
        drawn = {name for names in self.draws_on.values() for name in names}
        if lacking := sorted(drawn - self.funds.keys()):
            raise Slip(f"there is no fund {', '.join(lacking)}.", "", ("funds",))
        return self

    @model_validator(mode="after")
    def _text_is_an_experiment(self) -> Self:
        try:
            written = tomllib.loads(self.text or "")
        except (tomllib.TOMLDecodeError, RecursionError):
            return self
        tables = [written.get("scenarios", {}), written.get("areas", {})]
        if all(isinstance(table, dict) for table in tables):
            tables.append(tables[1].get("of", {}))
        if not all(isinstance(table, dict) for table in tables):
            raise Slip("this is not the text of an experiment.", "", ("text",))
        return self


class AreaRecord(Area):
    """One of several areas, and how many times the model it is."""

    scale: Annotated[Real, Field(gt=0)]


class AreasRecord(Areas):
    """The areas that ran side by side."""

    of: dict[Name, AreaRecord] = Field(min_length=1)  # type: ignore[assignment]  # each more exact


class PrecisionAsked(Record):
    """What precision was asked of the differences."""

    of_baseline: Real | None = None


class HalfWidth(Record):
    """How precise a watched difference came to be."""

    scenario: str
    kpi: str
    court: str
    group: str
    unit: str
    half_width: Real | None
    wanted: Real
    reached: bool


class PrecisionRecord(Record):
    """What precision was asked for, and what came of it."""

    asked: PrecisionAsked
    reached: bool
    not_asked: list[str] = []
    differences: list[HalfWidth] = []


class OpeningRecord(Record):
    """The table of cases that were open on the first day."""

    file: str
    sha256: Sha256
    cases: Count


class RunRecord(Record):
    """One replication: what it is of, and what came out."""

    scenario: Name
    replication: Annotated[int, Field(strict=True, ge=0, lt=MOST_REPLICATIONS)]
    area: Name | Literal[""] = ""
    content_hash: str
    events: Count
    cases: Count


class DivisionRecord(Record):
    """A division of the area, by its title."""

    title: str | None = None


class DeclaredRecord(Record):
    """What a scenario says that its reform costs."""

    line: str
    agency: str | None = None
    fund: str | None = None
    gbp: Real
    per: str
    price_year: str
    from_: Day = Field(alias="from")
    range: tuple[Real, Real] | None = None


class CostsRecord(Record):
    """What of a model's costs is shown beside the results."""

    price_base: str | None = None
    declared: list[DeclaredRecord] | None = None


class WarmUp(Record):
    """How many days a run goes before the study begins."""

    value: Real | None = None


class StartRecord(Record):
    """How a run begins."""

    warm_up_days: WarmUp = WarmUp()


class ForkRecord(Record):
    """A fork of the journey, with whatever its chance is."""

    probability: Any = None


class DivisionServed(Record):
    """A courthouse, by the division whose cases it hears."""

    division: str | None = None


class ListRecord(Record):
    """A court list, with its houses."""

    houses: dict[str, DivisionServed] | None = None


class ModelRecord(Record):
    """A resolved model, as far as a report shows it; a run reads it as a `Model`, whole."""

    title: str = ""
    area: str = ""
    divisions: dict[str, DivisionRecord] = {}
    costs: CostsRecord = CostsRecord()
    forks: dict[str, ForkRecord] | None = None
    opening: StartRecord | None = None
    lists: dict[str, ListRecord] | None = None


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
    notices: list[str] = []
    versions: dict[str, Any] = {}
    commit: str | None = None
    runs: list[RunRecord] = []
    tables: dict[TableName, Sha256] | None = None
    records: dict[str, Sha256] | None = None
    models: dict[Name, ModelRecord]
    area: None = None
    with_run: None = None

    @property
    def names(self) -> list[str]:
        """The scenarios, the baseline first."""
        return [scenario.name for scenario in self.scenarios]

    @property
    def area_names(self) -> list[str]:
        """The areas that ran side by side; one without a name where there are not several."""
        return [""] if self.areas is None else [*self.areas.of]

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


def read_manifest(folder: Path) -> tuple[Manifest, dict[str, Any]]:
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
        manifest = Manifest.model_validate(content, by_alias=True)
    except ValidationError as error:
        raise _faults(folder, _told(error.errors())) from None
    if wrong := [*_wrong_numbers(content["models"])]:
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


def _steering(content: Mapping[str, Any]) -> Iterator[str]:
    """Text that steers a screen instead of showing."""
    about = content.get("experiment")
    if isinstance(about, dict):
        # The text of a file has comments, which nobody is shown.
        content = {**content, "experiment": {k: v for k, v in about.items() if k != "text"}}
    at = control_character(content)
    if at is not None:
        yield f"the text at {dotted(at)} holds a control character."


def control_character(data: Mapping[str, Any]) -> KeyPath | None:
    """The place of the first text with a character that steers a screen instead of showing."""
    waiting: list[tuple[KeyPath, Any]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, str) and STEERING.search(value):
            return at
        if isinstance(value, dict):
            if any(STEERING.search(key) for key in value):
                return at
            waiting += [((*at, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            waiting += [((*at, place), below) for place, below in enumerate(value)]
    return None


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


def _is_sourced(number: Mapping[str, Any]) -> bool:
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
