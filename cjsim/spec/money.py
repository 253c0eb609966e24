"""What an experiment says of money: what a reform itself costs, who pays, and what they pay for."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from cjsim.errors import Slip
from cjsim.spec.base import Day, Evidence, Flag, Name, Real, Sourced, Spec
from cjsim.vocabulary import Agency

FinancialYear = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
"""Such as 2013-14: from 1 April to 31 March."""

Theme = Literal[
    "reducing_offending_and_reoffending", "safer_neighbourhoods", "protecting_the_vulnerable",
    "supporting_victims_and_witnesses",
]  # fmt: skip
"""What a fund is for."""

ROUNDING: Final = 1e-6


class Pounds(Sourced):
    """A sum of money in the prices of a year, with its pedigree."""

    evidence: Evidence = "assumed"
    gbp: Real = Field(ge=0)
    price_year: FinancialYear

    @model_validator(mode="after")
    def _within_its_range(self) -> Self:
        if self.range is not None and not self.range[0] <= self.gbp <= self.range[1]:
            raise Slip(
                f"{self.gbp:g} lies outside its own range {list(self.range)}.",
                "Widen the range or mend the value.",
            )
        return self


class Spending(Pounds):
    """Money that is spent once, on a day, or by the year, from one day to another, both included.

    One that is spent by the year without a last day goes on. `cashable` money is spent in fact;
    what is not is time of people who are there anyway.
    """

    per: Literal["once", "year"]
    from_: Day = Field(alias="from")
    to: Day | None = None
    cashable: Flag = True

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
    """What a reform itself costs one agency: `scenario` declares it under `line`.

    `fund` is the fund that it comes from, if it comes from one.
    """

    scenario: str
    line: Name
    agency: Agency
    fund: Name | None = None


class ReformCost(Spending):
    """What a scenario's reform itself costs: charged to one agency, or to those that pay a fund."""

    agency: Agency | None = None
    fund: Name | None = None

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
            DeclaredCost.model_validate({
                **own, "scenario": scenario, "line": line, "agency": agency,
                "gbp": self.gbp * share,
                "range": self.range and tuple(end * share for end in self.range),
            })
            for agency, share in paid_by.items()
        ]  # fmt: skip


class OutcomePayment(Pounds):
    """Money that follows an outcome: paid when a measure beats its baseline by `beats_by` or more.

    `beats_by` is in the measure's own unit; better is what the measure says is better. The measure
    is that of the whole run, and the money falls due when the run is over. `to` is the agency that
    is paid; without it somebody outside the agencies is.
    """

    measure: str = Field(min_length=1)
    court: Literal["all", "magistrates", "crown"] = "all"
    group: str = ""
    beats_by: Real = Field(gt=0)
    to: Agency | None = None


class Fund(Spec):
    """A budget that several agencies pay into, by shares, for a theme."""

    title: str = Field(min_length=1)
    theme: Theme
    budget: Pounds
    paid_by: dict[Agency, Annotated[Real, Field(gt=0, le=1)]] = Field(min_length=1)
    outcomes: dict[Name, OutcomePayment] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        total = sum(self.paid_by.values())
        if abs(total - 1) > ROUNDING:
            raise Slip(
                f"the shares of those who pay add up to {total:.6g}, not to 1.",
                "Mend one of them.",
                ("paid_by",),
            )
        return self


class LedgerPlan(Spec):
    """The financial years that the ledger looks at, both included.

    Years after the run carry its last twelve months forward.
    """

    from_: FinancialYear = Field(alias="from")
    to: FinancialYear

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
