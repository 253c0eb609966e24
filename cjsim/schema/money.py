"""What an experiment says of money: what a reform itself costs, who pays, and what they pay for."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.schema.base import Day, Evidence, Flag, Name, Real, Sourced, Spec
from cjsim.schema.words import Agency, CourtOrAll

FinancialYear = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
"""Such as 2013-14: from 1 April to 31 March."""

Theme = Literal[
    "reducing_offending_and_reoffending",
    "safer_neighbourhoods",
    "protecting_the_vulnerable",
    "supporting_victims_and_witnesses",
]
"""What a fund is for."""

ROUNDING: Final = 1e-6


class Pounds(Sourced):
    """A sum of money in the prices of a year, with its pedigree."""

    evidence: Evidence = Field(default="assumed", description="how firm it is")
    gbp: Real = Field(ge=0, description="how many pounds")
    price_year: FinancialYear = Field(description="the year whose prices these are")

    @model_validator(mode="after")
    def _within_its_range(self) -> Self:
        if self.range is not None and not self.range[0] <= self.gbp <= self.range[1]:
            raise Slip(
                f"{self.gbp:g} lies outside its own range {list(self.range)}.",
                "Widen the range or correct the value.",
            )
        return self


class Spending(Pounds):
    """Money that is spent once, on a day, or by the year, from one day to another, both included.

    What is not `cashable` is time of people who are there anyway.
    """

    per: Literal["once", "year"] = Field(description="whether it is spent once or each year")
    from_: Day = Field(alias="from", description="the day it is spent, or the first day")
    to: Day | None = Field(
        default=None,
        description="the last day of what is spent by the year; it goes on if left out",
    )
    cashable: Flag = Field(default=True, description="whether the money is spent in fact")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.to is not None and self.per == "once":
            raise Slip("what is spent once has one day.", 'Take "to" out, or write per = "year".')
        if self.to is not None and self.to < self.from_:
            raise Slip(
                f"this spending ends ({self.to}) before it begins ({self.from_}).",
                "Write the earlier day as from and the later one as to.",
            )
        return self


class DeclaredCost(Spending):
    """What a reform itself costs one agency, as a scenario declares it."""

    scenario: str = Field(description="the scenario that declares it")
    line: Name = Field(description="the line of its costs that it stands in")
    agency: Agency = Field(description="who pays")
    fund: Name | None = Field(default=None, description="the fund it comes from, if any")


class ReformCost(Spending):
    """What a scenario's reform itself costs: charged to one agency, or to those that pay a fund."""

    agency: Agency | None = Field(default=None, description="who pays, if no fund does")
    fund: Name | None = Field(default=None, description="the fund that pays, if no agency does")

    @model_validator(mode="after")
    def _somebody_pays(self) -> Self:
        if (self.agency is None) == (self.fund is None):
            raise Slip(
                "nobody is said to pay this." if self.agency is None else "two are to pay this.",
                "Name either the agency or the fund that pays.",
            )
        return self

    def charged(self, scenario: str, line: str, shares: dict[Agency, float]) -> list[DeclaredCost]:
        """The cost of each agency that pays; `shares` are those of the fund."""
        own = self.model_dump(by_alias=True, exclude={"agency", "range"})
        paid_by = {self.agency: 1.0} if self.agency is not None else shares
        return [
            DeclaredCost.model_validate(
                {
                    **own,
                    "scenario": scenario,
                    "line": line,
                    "agency": agency,
                    "gbp": self.gbp * share,
                    "range": self.range and tuple(end * share for end in self.range),
                }
            )
            for agency, share in paid_by.items()
        ]


class OutcomePayment(Pounds):
    """Money that follows an outcome: paid when a measure beats its baseline by `beats_by` or more.

    Better is what the measure says is better. The measure is that of the whole run, and the money
    falls due when the run is over.
    """

    measure: str = Field(min_length=1, description="the measure that is paid for")
    court: CourtOrAll = Field(default="all", description="the court it is measured in")
    group: str = Field(
        default="", description="a part of the measure, such as a division or reason"
    )
    beats_by: Real = Field(
        gt=0, description="how much better than the baseline, in the measure's own unit"
    )
    to: Agency | None = Field(
        default=None, description="who is paid; somebody outside the agencies if left out"
    )


class Fund(Spec):
    """A budget that several agencies pay into, by shares, for a theme."""

    title: str = Field(min_length=1, description="what readers call it")
    theme: Theme = Field(description="what it is for")
    budget: Pounds = Field(description="how much is in it")
    paid_by: dict[Agency, Annotated[Real, Field(gt=0, le=1)]] = Field(
        min_length=1, description="each agency's share of it; together 1"
    )
    outcomes: dict[Name, OutcomePayment] = Field(
        default_factory=dict, description="the outcomes that it pays for, by name"
    )

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        total = sum(self.paid_by.values())
        if abs(total - 1) > ROUNDING:
            raise Slip(
                f"the shares of those who pay add up to {total:.6g}, not to 1.",
                "Correct one of them.",
                ("paid_by",),
            )
        return self


class LedgerPlan(Spec):
    """The financial years that the ledger looks at, both included.

    Years after the run carry its last twelve months forward.
    """

    from_: FinancialYear = Field(alias="from", description="the first year, such as 2013-14")
    to: FinancialYear = Field(description="the last year")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        for key, year in (("from", self.from_), ("to", self.to)):
            if (int(year[:4]) + 1) % 100 != int(year[5:]):
                raise Slip(f'"{year}" is no financial year.', "Write one such as 2014-15.", (key,))
        if self.from_ > self.to:
            raise Slip(
                f"the ledger ends ({self.to}) before it begins ({self.from_}).",
                "Write the earlier year as from and the later one as to.",
            )
        return self
