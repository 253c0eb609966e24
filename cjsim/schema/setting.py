"""What a scenario sets at a path: the new value, from when, in which division, its pedigree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from cjsim.errors import Slip
from cjsim.schema.base import Day, Evidence, Flag, Name, Real, Sourced
from cjsim.schema.bounds import MOST_SETTINGS
from cjsim.schema.change import Add, Change, Replace, ReplaceEach, Scale, SetLevel
from cjsim.storage.plain import PlainTable

_NUMBERS: Final = ("value", "median", "p90", "mean", "fixed", "to", "work_goes_to", "factor", "add")
"""The keys that say what a value becomes; `factor` and `add` stand alone."""


class Setting(Sourced):
    """A value that a scenario sets: in one division or in all, from a day or from the first day.

    The value is given as the model gives it: `value`, or for a length of time `median` and `p90`,
    `mean` or `fixed`; for the closure of a courthouse `to`, `announced` and `work_goes_to`. Or it
    is relative to what stands there: `factor` or `add`, with the `range` of that factor or amount.
    """

    evidence: Evidence = Field(default="assumed", description="how firm it is")
    from_: Day | None = Field(
        default=None,
        alias="from",
        description="the day from which it holds; the first day if left out",
    )
    area: str | None = Field(default=None, description="the division it holds in; all if left out")
    value: Any = Field(default=None, description="the new value, as the model gives it")
    median: Real | None = Field(default=None, description="of a length of time: half take less")
    p90: Real | None = Field(default=None, description="of a length of time: nine in ten take less")
    mean: Real | None = Field(default=None, description="of a length of time: its mean")
    fixed: Real | None = Field(default=None, description="of a length of time: always this long")
    to: Day | None = Field(
        default=None, description="of a closure: the last day; for good if left out"
    )
    announced: Day | None = Field(
        default=None, description="of a closure: when it is announced, if not in the usual time"
    )
    work_goes_to: Name | None = Field(
        default=None, description="of a closure: the courthouse that has the work"
    )
    each: Flag = Field(
        default=False, description="whether every entry of a table gets the one number in value"
    )

    factor: Real | None = Field(
        default=None, description="every number that stands there is multiplied by this"
    )
    add: Real | None = Field(
        default=None, description="this is added to every number that stands there"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = self.model_dump(exclude_none=True, include=set(_NUMBERS))
        relative = [key for key in ("factor", "add") if key in given]
        if relative and (len(given) > 1 or self.each):
            others = " and ".join(f'"{key}"' for key in [*given, *(["each"] if self.each else [])])
            raise Slip(f"{others} are given at once.", "Keep one of them.", (relative[0],))
        if self.factor is not None and self.factor < 0:
            raise Slip("a factor is not negative.", "Write 0 or more.", ("factor",))
        return self

    @model_validator(mode="after")
    def _each_has_one_number(self) -> Self:
        one = isinstance(self.value, (int, float)) and not isinstance(self.value, bool)
        if self.each and not one:
            raise Slip(
                "each = true gives one number to every entry of a table.",
                "Write that number as value, or leave each out.",
                ("each",),
            )
        return self

    @property
    def change(self) -> Change:
        """What it does to the value that stands there."""
        if self.each:
            return ReplaceEach(float(self.value))
        if self.factor is not None:
            return Scale(float(self.factor))
        if self.add is not None:
            return Add(float(self.add))
        keys = ("value", "median", "p90", "mean", "fixed", "to", "announced", "work_goes_to")
        given = {key: getattr(self, key) for key in keys}
        return Replace({key: number for key, number in given.items() if number is not None})

    @property
    def change_of_entry(self) -> Change:
        """What it does to one entry of a table: one number is its new level."""
        number = self.value
        if isinstance(number, (int, float)) and not isinstance(number, bool) and not self.each:
            return SetLevel(float(number))
        return self.change

    def is_quantity(self) -> bool:
        """Whether it is a number; an order of call is given by words, a closure by its days."""
        if self.work_goes_to is not None:
            return False
        words = self.value if isinstance(self.value, list) else [self.value]
        return not all(isinstance(word, str) for word in words)

    def pedigree(self, first_day: dt.date) -> PlainTable:
        """The entry of `changes` that it becomes, but for its numbers."""
        keys = {"source", "evidence", "range", "note", "from_", "area"}
        given = self.model_dump(by_alias=True, exclude_none=True, include=keys)
        told = {"derivation": self.derivation} if self.derivation else {}
        return {"from": first_day, **given, **told}


_SETTING_KEYS: Final = frozenset(
    field.alias or name for name, field in Setting.model_fields.items()
)


def _as_list(settings: object) -> object:
    return settings if isinstance(settings, (list, tuple)) else [settings]


def paths_in_quotes(sets: object) -> object:
    """Refuse a path without quotes, which TOML reads as tables within tables."""
    for word, table in sets.items() if isinstance(sets, Mapping) else ():
        path = [str(word)]
        while isinstance(table, Mapping) and table and not _SETTING_KEYS & set(table):
            word, table = next(iter(table.items()))
            path.append(str(word))
        if len(path) > 1:
            raise Slip(
                "a path must stand in quotes, or TOML takes its dots for tables.",
                f'Write "{".".join(path)}" = {{ value = ..., source = "..." }}.',
            )
    return sets


Settings = Annotated[
    tuple[Setting, ...],
    BeforeValidator(_as_list, json_schema_input_type=Setting | tuple[Setting, ...]),
    Field(min_length=1, max_length=MOST_SETTINGS),
]
"""What a scenario sets at one path: one setting, or several for other days and divisions."""
