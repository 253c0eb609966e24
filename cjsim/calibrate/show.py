"""The checks of a validation as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cjsim.calibrate.validate import Check
from cjsim.experiment.notices import replications_text
from cjsim.experiment.show import NOTHING, number, table_text


def checks_text(checks: Sequence[Check]) -> str:
    """Published, allowed and simulated figures side by side, and how many are in."""
    headings = ("target", "unit", "published", "allowed", "simulated", "95 % interval", "in or out")
    rows = [_row(check) for check in checks]
    inside = sum(check.inside for check in checks)
    replications = max((check.n for check in checks), default=0)
    end = f"{inside} of {len(checks)} targets in; {replications_text(replications)}."
    return f"{table_text(headings, rows, numbers={2, 3, 4, 5})}\n\n{end}"


def _row(check: Check) -> tuple[str, ...]:
    unit = check.unit
    published = check.published if isinstance(check.published, tuple) else (check.published,)
    interval = NOTHING
    if math.isfinite(check.from_):
        interval = f"{number(check.from_, unit)} to {number(check.to, unit)}"
    if math.isfinite(check.high):
        allowed = f"{number(check.low, unit)} to {number(check.high, unit)}"
    else:
        allowed = f"at least {number(check.low, unit)}"
    return (
        check.title,
        unit,
        " to ".join(number(value, unit) for value in published),
        allowed,
        number(check.mean, unit),
        interval,
        _verdict(check),
    )


def _verdict(check: Check) -> str:
    if not math.isfinite(check.mean):
        return "out (no value)"
    return ("in" if check.inside else "OUT") + (", at the edge" if check.at_the_edge else "")
