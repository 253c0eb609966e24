"""Reading a dated value: what a number, a profile or shares are on a day, in a division."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from cjsim.schema.base import Duration, DurationChange, Number, Profile, Shares, pick
from cjsim.schema.call_order import Order
from cjsim.schema.odds import OddsFactor


def number_on(number: Number, date: dt.date, area: str, key: str) -> float:
    """A number on a date in a division; `key` is the offence group that its tables may use."""
    value = number.value
    for change in number.changes:
        if change.from_ <= date and change.area in (None, area):
            value = change.value
    if isinstance(value, dict) and area in value:
        return value[area]
    return pick(value, key)


def factor_on(odds: OddsFactor, date: dt.date, area: str) -> float:
    """An odds factor on a date in a division."""
    factor = odds.factor
    for change in odds.changes:
        if change.from_ <= date and change.area in (None, area):
            factor = change.factor
    return factor


def weights_on(profile: Profile, date: dt.date, area: str) -> tuple[float, ...]:
    """A profile's weights on a date in a division."""
    value = profile.value
    for change in profile.changes:
        if change.from_ <= date and change.area in (None, area):
            value = change.value
    return value


def order_on(order: Order, date: dt.date, area: str) -> tuple[str, ...]:
    """The rules of an order on a date in a division."""
    value = order.value
    for change in order.changes:
        if change.from_ <= date and change.area in (None, area):
            value = change.value
    return value


def shares_on(shares: Shares, date: dt.date, area: str) -> dict[str, float | dict[str, float]]:
    """The shares of each option on a date in a division."""
    value = shares.value
    for change in shares.changes:
        if change.from_ <= date and change.area in (None, area):
            value = change.value
    return value


def length_on(duration: Duration, date: dt.date, area: str) -> Duration | DurationChange:
    """The median and p90, mean or fixed length in force on a date in a division."""
    length: Duration | DurationChange = duration
    for change in duration.changes:
        if change.from_ <= date and change.area in (None, area):
            length = change
    return length


def days_of_change(item: object) -> set[dt.date]:
    """The dates of every change anywhere below a model or a part of one."""
    days: set[dt.date] = set()
    _collect(item, days)
    return days


def _collect(item: object, days: set[dt.date]) -> None:
    if isinstance(item, dict):
        for value in item.values():
            _collect(value, days)
    elif isinstance(item, tuple):
        for value in item:
            _collect(value, days)
    elif isinstance(item, BaseModel):
        for name, value in item.__dict__.items():
            if name == "from_":
                days.add(value)
            elif isinstance(value, dict | tuple | BaseModel):
                _collect(value, days)
