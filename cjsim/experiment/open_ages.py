"""Open cases that are as old as the published ones: simulated cases, drawn by age band.

A warm-up brings a caseload of the model's own making. Where the ages of the real one are published,
as many cases of each age are drawn from it as were counted, one for as many as each stands for.
What else is true of a case, and where it stands, is the model's.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from cjsim.errors import Fault, Faults
from cjsim.schema.csv_files import CellReader, read_table
from cjsim.schema.files import shown_path

COLUMNS: Final = ("quarter_end", "from_days", "to_days", "cases", "source")
AGE: Final = "received_crown_days_ago"


@dataclass(frozen=True)
class Band:
    """Cases that have been at the Crown Court for `from_days` or more and less than `to_days`."""

    from_days: float
    to_days: float
    cases: float

    def holds(self, days: float) -> bool:
        """Whether a case of this age belongs here."""
        return self.from_days <= days < self.to_days


def read_bands(path: Path) -> dict[dt.date, list[Band]]:
    """The published age bands of open cases, the youngest first, by the day they are of.

    An empty `to_days` has no end. Raises Faults for a file that is not there or not so.
    """
    shown = shown_path(path)
    numbers = ("from_days", "to_days", "cases")
    rows = read_table(path, "table of age bands", COLUMNS, optional=("source",), numbers=numbers)
    cells = CellReader(path)
    found: dict[dt.date, list[Band]] = {}
    for row in rows:
        band = Band(
            cells.number(row, "from_days"),
            cells.number(row, "to_days", empty=math.inf),
            cells.number(row, "cases"),
        )
        found.setdefault(cells.day(row, "quarter_end"), []).append(band)
    cells.done()
    for day, bands in found.items():
        bands.sort(key=lambda band: band.from_days)
        if any(a.to_days != b.from_days for a, b in pairwise(bands)):
            wrong = f"the bands of {day} leave a gap or overlap."
            raise Faults([Fault(shown, "to_days", wrong, "End each where the next begins.")])
    return found


def bands_on_eve(path: Path, day: dt.date) -> list[Band]:
    """The bands that are published for the evening before a day. Raises Faults."""
    known = read_bands(path)
    eve = day - dt.timedelta(days=1)
    if eve not in known:
        wrong = f"no age bands are given for {eve}."
        remedy = f"Choose a day after {', '.join(str(one) for one in known)}."
        raise Faults([Fault(shown_path(path), "quarter_end", wrong, remedy)])
    return known[eve]


def draw_by_age(
    donors: Sequence[Mapping[str, str]],
    bands: Sequence[Band],
    *,
    one_in: float,
    total: float | None = None,
    file: str = "",
) -> list[dict[str, str]]:
    """As many rows of a table of open cases from each band as are published, one for `one_in`.

    The donors of a band are taken evenly over where they stand, the same ones again where there are
    too few. `total` is what the bands are scaled to, where another publication counts more. The
    rows come in the donors' order. Raises Faults where nobody is of an age.
    """
    published = sum(band.cases for band in bands)
    scale = 1.0 if total is None else total / published
    numbers = _whole([band.cases * scale / one_in for band in bands])
    taken: list[int] = []
    faults = []
    for band, number in zip(bands, numbers, strict=True):
        there = [
            place for place, row in enumerate(donors) if row[AGE] and band.holds(float(row[AGE]))
        ]
        if number and not there:
            wrong = f"no simulated case is {band.from_days:g} to {band.to_days:g} days old."
            remedy = "Lengthen opening.warm_up_days, or draw from more snapshots."
            faults.append(Fault(file, "to_days", wrong, remedy))
            continue
        there.sort(key=lambda place: (donors[place]["stands_at"], float(donors[place][AGE])))
        taken += [there[at * len(there) // number] for at in range(number)]
    if faults:
        raise Faults(faults)
    return [dict(donors[place]) for place in sorted(taken)]


def _whole(shares: Sequence[float]) -> list[int]:
    """Whole numbers that are nearest to some, and add up to the nearest to their sum."""
    down = [math.floor(share) for share in shares]
    short = round(sum(shares)) - sum(down)
    by_rest = sorted(range(len(shares)), key=lambda at: (down[at] - shares[at], at))
    for at in by_rest[:short]:
        down[at] += 1
    return down
