"""What a cell of an extract says: a day, a day and time, a number of days, an offence group."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

from cjsim.calibration.fitting.layout import COLUMNS, Kind
from cjsim.england_wales.vocabulary import OFFENCE_GROUPS

Cell = dt.datetime | float | str | None

EARLIEST: Final = dt.datetime(1950, 1, 1)
LONGEST_TRIAL_DAYS: Final = 500

_NOTHING: Final = frozenset({"", "na", "n/a", "nan", "nat", "none", "null"})
"""How spreadsheets, databases, pandas and R write a cell that holds nothing."""

_ISO: Final = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[ T](?P<time>\d{2}:\d{2})(?::(?P<seconds>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"(?P<zone> ?Z| ?[+-]\d{2}(?::?\d{2})?)?"
)
_WHOLE: Final = re.compile(r"(\d{1,4})(?:\.0+)?")


def cell_of(name: str, kind: Kind, value: str, date_format: str | None = None) -> Cell:
    """What a cell says; None where it holds nothing.

    Raises ValueError with two texts: what is wrong, and what to write. Neither repeats the cell.
    """
    value = value.strip()
    if kind == "word":
        return None
    if kind == "group":
        if value not in OFFENCE_GROUPS:
            raise ValueError("this is no offence group.", f"Write {COLUMNS[name]}.")
        return value
    if value.lower() in _NOTHING:
        return None
    if kind == "days":
        number = _WHOLE.fullmatch(value) if value.isascii() else None
        if number is None or not 1 <= int(number[1]) <= LONGEST_TRIAL_DAYS:
            raise ValueError("this is no number of days.", "Write a whole number from 1 on.")
        return float(number[1])
    moment, has_time = _moment(value, date_format)
    if kind == "time" and not has_time:
        raise ValueError("this is a day without a time.", "Write 2013-10-01 14:30.")
    return moment


@lru_cache(maxsize=200_000)
def _moment(value: str, date_format: str | None) -> tuple[dt.datetime, bool]:
    """A day, or a day and time to the second, and whether a time is given. Raises ValueError."""
    moment = None
    has_time = False
    iso = _ISO.fullmatch(value) if value.isascii() else None
    if date_format is not None:
        moment, has_time = _in_format(value, date_format)
    if moment is None and iso is not None:
        if iso["zone"]:
            remedy = "Write the local time without it, as 2013-10-01 14:30."
            raise ValueError("this time names its zone.", remedy)
        try:
            moment = dt.datetime.fromisoformat(
                f"{iso['day']} {iso['time'] or '00:00'}:{iso['seconds'] or '00'}"
            )
        except ValueError:
            moment = None
        has_time = iso["time"] is not None
    if moment is None:
        also = "" if date_format else " Or say how days are written with --date-format."
        raise ValueError("this is no day.", f"Write 2013-10-01, or 2013-10-01 14:30.{also}")
    if moment < EARLIEST:
        raise ValueError(f"this lies before {EARLIEST.year}.", "Correct the year.")
    return moment, has_time


def _in_format(value: str, date_format: str) -> tuple[dt.datetime | None, bool]:
    try:
        moment = dt.datetime.strptime(value, date_format)  # noqa: DTZ007 - one clock, local time
    except ValueError:
        return None, False
    has_time = any(part in date_format for part in ("%H", "%I", "%X", "%T", "%R"))
    return moment.replace(tzinfo=None, microsecond=0), has_time
