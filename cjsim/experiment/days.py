"""The day on which a run of a model alone begins, where no experiment says it."""

from __future__ import annotations

import datetime as dt

from cjsim.errors import Fault, Faults
from cjsim.schema.experiment import FIRST_YEAR, LAST_YEAR
from cjsim.schema.model import Model


def valid_first_day(day: dt.date, option: str) -> dt.date:
    """The day that an option gave, if a run can begin on it. Raises Faults."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        wrong = f"a run cannot begin on {day}."
        remedy = f"Write a day of the years {FIRST_YEAR} to {LAST_YEAR}."
        raise Faults([Fault(option, "", wrong, remedy)])
    return day


def default_first_day(model: Model) -> dt.date:
    """The default first day of a run: the first of the financial year of the model's prices."""
    return dt.date(int(model.costs.price_base[:4]), 4, 1)
