"""The checks of a validation as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cjsim.calibration.validate import Check
from cjsim.experiment.notices import replications_text
from cjsim.formatting.numbers import NOTHING, number, span
from cjsim.formatting.tables import text_table

ROOM_FOR_NO_REASON: Final = "no reason is known yet."
"""What stands beside a miss that nobody has explained."""


def checks_text(checks: Sequence[Check]) -> str:
    """Published, allowed and simulated figures side by side, and how many are in."""
    headings = (
        "target",
        "unit",
        "published",
        "allowed",
        "simulated",
        "95 % interval",
        "z",
        "use",
        "in or out",
    )
    rows = []
    for check in checks:
        *cells, verdict = cells_of(check)
        rows.append((*cells, check.use, verdict))
    replications = max((check.n for check in checks), default=0)
    lines = [text_table(headings, rows, numbers={2, 3, 4, 5, 6}), ""]
    lines += [
        f"{check.title}: {check.when_out or ROOM_FOR_NO_REASON}"
        for check in checks
        if not check.inside
    ]
    lines.append(f"{summary_of(checks)[:-1]}; {replications_text(replications)}.")
    return "\n".join(lines)


def summary_of(checks: Sequence[Check]) -> str:
    """How many targets are in, of those that were fitted and of those that were held out."""
    inside = sum(check.inside for check in checks)
    half = sum(check.inside_half for check in checks)
    uses = list(dict.fromkeys(check.use for check in checks))
    parts = [
        f"{sum(check.inside for check in checks if check.use == use)} of "
        f"{sum(check.use == use for check in checks)} {_named(use)}"
        for use in uses
    ]
    apart = f" ({', '.join(parts)})" if len(uses) > 1 else ""
    return f"{inside} of {len(checks)} targets in{apart}; {half} within half of their tolerance."


def _named(use: str) -> str:
    return {"fit": "fitted", "shape": "of shapes"}.get(use, use)


def cells_of(check: Check) -> tuple[str, ...]:
    """Title, unit, published, allowed, simulated, interval, z, and in or out."""
    unit = check.unit
    published = check.published if isinstance(check.published, tuple) else (check.published,)
    interval = span(check.from_, check.to, unit, signed=False)
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
        f"{round(check.z, 1) + 0.0:+.1f}" if math.isfinite(check.z) else NOTHING,
        _verdict(check),
    )


def _verdict(check: Check) -> str:
    if not math.isfinite(check.mean):
        return "out (no value)"
    parts = ["in" if check.inside else "OUT"]
    parts += ["within half"] if check.inside_half else []
    parts += ["at the edge"] if check.at_the_edge else []
    return ", ".join(parts)
