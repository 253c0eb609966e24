"""The tables of a manifest as types: what each must have for its readers, and of which kind."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from cjsim.errors import Slip
from cjsim.jurisdiction import DEFAULT
from cjsim.schema.areas import Area, Areas
from cjsim.schema.base import Name, Real
from cjsim.schema.money import Fund, LedgerPlan

MOST_REPLICATIONS: Final = 10_000
MOST_TEXT: Final = 2_000_000
"""Letters of an experiment's file, as its manifest keeps it."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 12, 31))]
TableName = Literal["kpis.parquet", "comparison.parquet", "areas.parquet"]
Count = Annotated[int, Field(strict=True, ge=0, le=2**53)]


class Record(BaseModel):
    """A table of a manifest. What other versions of cjsim add is left as it is."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class ChangeRecord(Record):
    """One entry of a value that a scenario sets: its numbers, and where they come from.

    `numbers` and `before` map "value", "factor", "median" and the like to what the entry says and
    to what the baseline's undated value says. `from_` is None where the undated value is changed.
    `stated_in` names the scenario whose settings state it.
    """

    path: str
    from_: Day | None = Field(default=None, alias="from")
    division: str | None = None
    numbers: dict[str, JsonValue]
    before: dict[str, JsonValue]
    unit: str | None = None
    range: tuple[Real, Real] | None = None
    source: str
    evidence: str
    note: str = ""
    stated_in: str = ""


class ScenarioRecord(Record):
    """A scenario that ran, the baseline first."""

    name: Name
    label: str
    changes: list[ChangeRecord] | None = None
    """What it changes in the baseline's model; None in a run of a version that did not keep it."""


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


class OwnAreaRecord(Record):
    """The one of several areas that results are of, and those that ran beside it."""

    name: str
    title: str
    size: Real
    scale: Real
    beside: list[str]


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
    source: str = ""
    evidence: str = ""


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
    """A branch of the journey, with whatever its chance is."""

    probability: JsonValue = None


class CourthouseRecord(Record):
    """A courthouse, by the divisions whose cases it hears."""

    serves: list[str] = []


class ModelRecord(Record):
    """A resolved model, as far as a report shows it; a run reads it as a `Model`, whole."""

    title: str = ""
    area: str = ""
    jurisdiction: str = DEFAULT
    divisions: dict[str, DivisionRecord] = {}
    costs: CostsRecord = CostsRecord()
    branches: dict[str, ForkRecord] | None = None
    opening: StartRecord | None = None
    courthouses: dict[str, CourthouseRecord] | None = None
