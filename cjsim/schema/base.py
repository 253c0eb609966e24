"""What every number in a file must say of itself: value, source, evidence, range."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cjsim.errors import Slip
from cjsim.jurisdiction import vocabulary
from cjsim.schema.groups import check_groups
from cjsim.storage.paths import portable_name
from cjsim.storage.plain import PlainTable

BASELINE: Final = "baseline"
"""The name of the model as it is, which scenarios are compared with."""

Evidence = Literal["measured", "derived", "estimated", "assumed"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$"), AfterValidator(portable_name)]

# Neither true nor "0.5" is a number: a slip of the pen must not become a value.
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]


def _only_a_day(value: object) -> object:
    if isinstance(value, dt.datetime) or not isinstance(value, (dt.date, str)):
        raise Slip("a date is wanted here.", "Write it without quotes, such as 2013-10-01.")
    return value


Day = Annotated[dt.date, BeforeValidator(_only_a_day, json_schema_input_type=dt.date)]


class Spec(BaseModel):
    """A description read from a file: frozen, and refusing any key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sourced(Spec):
    """A number's pedigree: a register id, a publication or "assumption", and how firm it is."""

    source: str = Field(min_length=3, description="an id of the register, or assumption")
    evidence: Evidence = Field(description="how firm it is")
    range: tuple[Real, Real] | None = Field(
        default=None, description="how low and how high it may be; needed if assumed"
    )
    note: str = Field(default="", description="what a reader should know of it")
    # It changes no number: a model that says more of where its numbers come from is the same one.
    derivation: str = Field(
        default="",
        exclude=True,
        description="how the number comes from its source, where it is not the published one",
    )

    @model_validator(mode="after")
    def _assumptions_have_a_range(self) -> Self:
        if self.evidence == "assumed" and self.range is None and self.is_quantity():
            raise Slip("an assumed number needs a range.", "Add one, such as range = [0.2, 0.4].")
        if self.range is not None and self.range[0] > self.range[1]:
            raise Slip(
                f"the range {list(self.range)} is the wrong way round.",
                "Write the lower bound first.",
            )
        return self

    def as_written(self) -> PlainTable:
        """What a file says of it, its derivation and those of its changes included."""
        written = self.model_dump(by_alias=True)
        if self.derivation:
            written["derivation"] = self.derivation
        if changes := getattr(self, "changes", ()):
            written["changes"] = [change.as_written() for change in changes]
        return written

    def is_quantity(self) -> bool:
        """Whether it is a number, which can lie in a range; words and days cannot."""
        return True


class Dated(Sourced):
    """A change of a value from a date on, in one division or in all of them."""

    from_: Day = Field(alias="from", description="the day from which it holds")
    area: str | None = Field(default=None, description="the division it holds in; all if left out")


class NumberChange(Dated):
    """A dated value of a number."""

    value: Real | dict[str, Real] = Field(description="the value from that day on")


class Number(Sourced):
    """A value, or one value for each offence group, division or court list named as keys.

    A table may hold `default` for all that it does not name.
    """

    value: Real | dict[str, Real] = Field(description="one value, or a table of values")
    changes: tuple[NumberChange, ...] = Field(
        default=(), description="its values from later days on"
    )

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        low, high, what = self.bounds()
        items: list[tuple[Number | NumberChange, tuple[str | int, ...]]] = [(self, ())]
        items += [(change, ("changes", place)) for place, change in enumerate(self.changes)]
        for item, at in items:
            _check_numbers(item.value, low, high, what, (*at, "value"))
            _check_in_range(item, at)
        return self

    def bounds(self) -> tuple[float, float, str]:
        """The lowest and highest value allowed, and what to call it in a message."""
        return (-math.inf, math.inf, "the value")

    def at(self, key: str) -> float:
        """The undated value for one key of the table (or the one value there is)."""
        return pick(self.value, key)


class Amount(Number):
    """A number that cannot be negative: staff, minutes, days, pounds."""

    def bounds(self) -> tuple[float, float, str]:
        """The lowest and highest value allowed, and what to call it in a message."""
        return (0.0, math.inf, "the value")


class Probability(Number):
    """A chance between 0 and 1, one for all or one for each offence group."""

    def bounds(self) -> tuple[float, float, str]:
        """The lowest and highest value allowed, and what to call it in a message."""
        return (0.0, 1.0, "a probability")

    @model_validator(mode="after")
    def _keys_are_offence_groups(self) -> Self:
        check_groups(self.value, ("value",))
        for place, change in enumerate(self.changes):
            check_groups(change.value, ("changes", place, "value"))
        return self


class DurationChange(Dated):
    """A dated length of time."""

    median: Real | None = Field(default=None, description="half take less")
    p90: Real | None = Field(default=None, description="nine in ten take less")
    mean: Real | None = Field(default=None, description="the mean, of an exponential distribution")
    fixed: Real | None = Field(default=None, description="always this long")


class Duration(Sourced):
    """How long it takes: `median` and `p90` (lognormal), or `mean` (exponential), or `fixed`."""

    unit: Literal["minutes", "hours", "days"] = Field(description="what it is counted in")
    median: Real | None = Field(default=None, description="half take less; with p90")
    p90: Real | None = Field(default=None, description="nine in ten take less; with median")
    mean: Real | None = Field(default=None, description="the mean, of an exponential distribution")
    fixed: Real | None = Field(default=None, description="always this long")
    at_once: Real = Field(default=0.0, ge=0, le=1, description="the share that takes no time")
    cap: Real | None = Field(default=None, gt=0, description="the longest it can be")
    by_group: dict[str, Real] = Field(
        default_factory=dict, description="factors on the length, by offence group"
    )
    changes: tuple[DurationChange, ...] = Field(
        default=(), description="its lengths from later days on"
    )

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        if self.by_group:
            # A factor of 1 serves the groups that are not named.
            check_groups({"default": 1.0, **self.by_group}, ("by_group",))
        _check_numbers(self.by_group, 0.0, math.inf, "a factor", ("by_group",))
        _check_law(self, self.unit, ())
        for place, change in enumerate(self.changes):
            _check_law(change, self.unit, ("changes", place))
        return self


class SharesChange(Dated):
    """Dated shares."""

    value: dict[str, Real | dict[str, Real]] = Field(description="the shares from that day on")


class Shares(Sourced):
    """The share of each option, by offence group where it holds a table; they add up to 1."""

    value: dict[str, Real | dict[str, Real]] = Field(
        description="each option's share, or its share by offence group"
    )
    changes: tuple[SharesChange, ...] = Field(
        default=(), description="the shares from later days on"
    )

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        _check_shares(self.value, ("value",))
        for place, change in enumerate(self.changes):
            _check_shares(change.value, ("changes", place, "value"))
        return self


class ProfileChange(Dated):
    """Dated weights."""

    value: tuple[Real, ...] = Field(description="the weights from that day on")


class Profile(Sourced):
    """A weight for each hour, weekday, month or other place in a cycle; scaled to their mean."""

    value: tuple[Real, ...] = Field(description="one weight for each place in the cycle")
    changes: tuple[ProfileChange, ...] = Field(
        default=(), description="the weights from later days on"
    )

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        _check_weights(self.value, ("value",))
        for place, change in enumerate(self.changes):
            _check_weights(change.value, ("changes", place, "value"))
            if len(change.value) != len(self.value):
                raise Slip(
                    f"a change here must hold {len(self.value)} weights, not {len(change.value)}.",
                    "Give one for each that the first value gives.",
                    ("changes", place, "value"),
                )
        return self


def pick(value: float | dict[str, float], key: str) -> float:
    """The value for a key: the one there is, the key's own, or the table's default.

    Raises KeyError when the table names neither the key nor a default.
    """
    if not isinstance(value, dict):
        return value
    if key in value:
        return value[key]
    return value["default"]


def _check_numbers(
    value: float | dict[str, float],
    low: float,
    high: float,
    what: str,
    at: tuple[str | int, ...],
) -> None:
    table = value.items() if isinstance(value, dict) else [("", value)]
    for key, number in table:
        if not low <= number <= high:
            bound = f"from {low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
            found = f"{number:g} for {key}" if key else f"{number:g}"
            raise Slip(f"{what} must be {bound}.", f"Correct the {found}.", at)


def _check_in_range(item: Number | NumberChange, at: tuple[str | int, ...]) -> None:
    if item.range is None:
        return
    for number in item.value.values() if isinstance(item.value, dict) else [item.value]:
        if not item.range[0] <= number <= item.range[1]:
            raise outside_its_range(number, item.range, at)


def outside_its_range(
    number: float, bounds: tuple[float, float], at: tuple[str | int, ...]
) -> Slip:
    """What is said of a number that lies outside the range that it declares."""
    return Slip(
        f"{number:g} lies outside its own range {list(bounds)}.",
        "Widen the range or correct the value.",
        at,
    )


def _check_law(item: Duration | DurationChange, unit: str, at: tuple[str | int, ...]) -> None:
    given = {
        key: getattr(item, key)
        for key in ("median", "p90", "mean", "fixed")
        if getattr(item, key) is not None
    }
    for key, number in given.items():
        if number < 0 or (number == 0 and key != "fixed"):
            raise Slip(
                f"{key} must be a positive number of {unit}.", f"Correct the {number:g}.", at
            )
    if set(given) not in ({"median", "p90"}, {"mean"}, {"fixed"}):
        raise Slip(
            f"the length is given by {' and '.join(given) or 'nothing'}.",
            "Give it by median and p90, or by mean, or by fixed.",
            at,
        )
    if "p90" in given and given["p90"] <= given["median"]:
        raise Slip(
            f"p90 ({given['p90']:g} {unit}) must be longer than the median "
            f"({given['median']:g} {unit}).",
            "Correct one of the two.",
            at,
        )


def _check_shares(value: dict[str, float | dict[str, float]], at: tuple[str | int, ...]) -> None:
    for option, share in value.items():
        check_groups(share, (*at, option))
        _check_numbers(share, 0.0, 1.0, "a share", (*at, option))
    by_group = any(isinstance(share, dict) for share in value.values())
    for group in vocabulary().offence_groups if by_group else ("",):
        total = sum(pick(share, group) for share in value.values())
        if abs(total - 1.0) > 1e-6:
            whose = f" for {group}" if group else ""
            raise Slip(
                f"the shares{whose} add up to {total:.6g}, not to 1.",
                f"{'Take' if total > 1 else 'Add'} {abs(total - 1):.6g}"
                f" {'from' if total > 1 else 'to'} one of them.",
                at,
            )


def check_once(words: tuple[str, ...], kind: str, at: tuple[str | int, ...]) -> None:
    """Raise Slip where a word stands twice in a list of words of a `kind`, such as "rule"."""
    for place, word in enumerate(words):
        if word in words[:place]:
            raise Slip(f'the {kind} "{word}" stands here twice.', "Keep the first.", (*at, place))


def _check_weights(weights: tuple[float, ...], at: tuple[str | int, ...]) -> None:
    if any(weight < 0 for weight in weights):
        raise Slip("a weight cannot be negative.", "Write 0 or more.", at)
