"""What things cost in a model: unit costs, a price base, and the deflator that leads there."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from cjsim.schema.base import Amount, Flag, Name, Probability, Spec
from cjsim.schema.money import DeclaredCost, Pounds
from cjsim.schema.words import Agency, Court, CourtList, OffenceGroup, Reason, Result

CAPACITY: Final = ("capacity_hour", "post_year")
"""What is paid whether it is used or not."""


class UnitCost(Spec):
    """What something costs whom. `per` says what is counted.

    hour: minutes worked or heard; event: each row; day: each day from entry to leaving;
    courtroom_day: each day's worth of minutes heard; capacity_hour: each hour a pool or a list is
    there, used or not (named under `pools` or `lists`); post_year: each post of a pool for a year.
    Where `results` or `reasons` are named, only rows that went so, for that reason, are counted.
    Under a capacity_hour, `activities` are what its hours are used for: paid already, and shown
    apart. `cashable` is what would be spent less if less were done.
    """

    agency: Agency = Field(description="who pays")
    gbp: Amount = Field(description="pounds for each unit")
    price_year: str = Field(pattern=r"^\d{4}-\d{2}$", description="the year whose prices these are")
    per: Literal["hour", "event", "day", "courtroom_day", "capacity_hour", "post_year"] = Field(
        description="what is counted"
    )
    activities: tuple[str, ...] = Field(
        default=(), description="the activities whose rows are counted"
    )
    results: tuple[Result, ...] = Field(default=(), description="only rows that went so")
    reasons: tuple[Reason, ...] = Field(default=(), description="only rows for these reasons")
    court: Court | None = Field(default=None, description="only rows of this court")
    pools: tuple[Name, ...] = Field(
        default=(), description="the pools whose capacity or posts are paid"
    )
    lists: tuple[CourtList, ...] = Field(
        default=(), description="the lists whose sittings are paid"
    )
    cashable: Flag = Field(
        default=False, description="whether less of it frees money that can be spent"
    )


class Costs(Spec):
    """Unit costs, the price base of every figure shown, and the deflator that brings them there.

    `uncosted` names the activities that cost nobody anything, each on purpose. `discount_rate` is
    the share by which a pound is worth less a year later; `social_cost_of_crime` what one crime
    costs everybody, by offence group, in pounds of `price_year`. `declared` is what a scenario says
    that its reform itself costs.
    """

    price_base: str = Field(
        pattern=r"^\d{4}-\d{2}$", description="the year in whose prices results are shown"
    )
    deflator: dict[str, Amount] = Field(description="the price level of each year, any year as 100")
    units: dict[Name, UnitCost] = Field(description="what is paid for, each once")
    uncosted: tuple[str, ...] = Field(
        default=(), description="activities that cost nobody anything, on purpose"
    )
    discount_rate: Probability | None = Field(
        default=None, description="the share by which a pound is worth less a year later"
    )
    social_cost_of_crime: dict[OffenceGroup, Pounds] = Field(
        default_factory=dict, description="what one crime costs everybody, by offence group"
    )
    declared: tuple[DeclaredCost, ...] = Field(
        default=(), description="what a scenario says that its reform itself costs"
    )
