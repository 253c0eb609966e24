"""What `cjsim influence` found, as text and as a part of the page of assumptions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cjsim.calibration.screening import TABLE
from cjsim.errors import Fault, Faults
from cjsim.experiment.notices import replications_text
from cjsim.formatting.numbers import number
from cjsim.formatting.tables import text_table
from cjsim.schema.bounds import json_object_in
from cjsim.schema.csv_files import read_table
from cjsim.schema.files import shown_path

COLUMNS: Final = (
    "number",
    "is_factor",
    "low",
    "level",
    "high",
    "figures_moved",
    "target",
    "at_low",
    "at_high",
    "share_of_allowed",
)
MOST_SHOWN: Final = 20
"""Rows on a terminal; the page and the table have them all."""


@dataclass(frozen=True)
class Influence:
    """A table of assumptions, the most influential first, and what it was made from."""

    rows: tuple[Mapping[str, str], ...]
    about: Mapping[str, Any]

    @property
    def shares(self) -> dict[str, float]:
        """How far each number moves the figure that it moves most, by its path."""
        return {row["number"]: float(row["share_of_allowed"]) for row in self.rows}

    @property
    def moving(self) -> list[Mapping[str, str]]:
        """The rows of the numbers that move a figure by more than chance does."""
        return [row for row in self.rows if int(row["figures_moved"])]


def read_influence(table: Path) -> Influence | None:
    """What was published beside a calibration, None if nothing was. Raises Faults."""
    beside = table.with_suffix(".json")
    if not table.is_file() or not beside.is_file():
        return None
    try:
        rows = tuple(row.cells for row in read_table(table, "table of influence", COLUMNS))
        found = Influence(rows, json_object_in(beside))
        # Whether all of it can be shown is what is asked.
        influence_text(found), influence_markdown(found, "")
    except (Faults, OSError, ValueError, LookupError, TypeError, AttributeError):
        wrong = "it or what stands beside it cannot be read."
        raise Faults(
            [Fault(shown_path(table), "", wrong, "Make both again with cjsim influence.")]
        ) from None
    return found


def influence_of(root: Path, model: str) -> Influence | None:
    """The influence of a model's assumptions, by the name of its folder; None if not known."""
    return read_influence(root / "calibration" / f"{model}_{TABLE}")


def influence_text(found: Influence) -> str:
    """The most influential numbers as a table, and how many there are of each kind."""
    about, moving = found.about, found.moving
    headings = ("number", "range", "moves most", "from its low to its high end", "of allowed")
    rows = [(row["number"], *_cells(row, about)) for row in moving[:MOST_SHOWN]]
    more = len(moving) - len(rows)
    lines = [f"{about['title']}: {_of(found)}", ""]
    if rows:
        lines += [text_table(headings, rows, numbers={4}), ""]
    if more > 0:
        lines.append(f"And {more} more.")
    lines.append(_left_out(about))
    return "\n".join(lines)


def influence_markdown(found: Influence, model_hash: str) -> list[str]:
    """The part of the page of assumptions that ranks them."""
    about = found.about
    days = [dt.date.fromisoformat(about[key]) for key in ("study_from", "study_to")]
    period = " to ".join(f"{day.day} {day:%B %Y}" for day in days)
    count = replications_text(about["replications"])
    lines = [
        "### By influence",
        "",
        "Each assumption alone goes to both ends of its range, the cases and the luck the same:",
        "how far the published figures of the scoreboard then move, as a share of the width of",
        f"what is allowed for them (1: through all of it), in {count} of {period}.",
        _of(found),
        _left_out(about),
        "A number moves other things too, such as contacts with victims, which nobody publishes.",
    ]
    if about["model_hash"] != model_hash:
        lines += ["", "**Numbers of the model have been changed since this was made.**"]
    lines += [
        "",
        "| | number | range | moves most | from its low to its high end | of allowed | figures |",
        "| ---: | --- | --- | --- | --- | ---: | ---: |",
    ]
    for place, row in enumerate(found.moving, start=1):
        cells = " | ".join(cell.replace("|", "\\|") for cell in _cells(row, about))
        lines.append(f"| {place} | `{row['number']}` | {cells} | {row['figures_moved']} |")
    return lines


def _of(found: Influence) -> str:
    all_of_it = sum(float(row["share_of_allowed"]) >= 1 for row in found.moving)
    return (
        f"Of {len(found.rows)} assumptions {len(found.moving)} move a figure by more than chance "
        f"does, {all_of_it} of them through all of what is allowed."
    )


def _left_out(about: Mapping[str, Any]) -> str:
    why = Counter(about["left_out"].values())
    told = "; ".join(f"{count} ({reason})" for reason, count in sorted(why.items()))
    return f"Left out: {told}." if told else "None is left out."


def _cells(row: Mapping[str, str], about: Mapping[str, Any]) -> Sequence[str]:
    """Its range, the figure that it moves most, from what to what, and by which share."""
    times = " times" if row["is_factor"] == "True" else ""
    unit = about["units"][row["target"]]
    ends = [number(float(row[key]), unit) if row[key] else "?" for key in ("at_low", "at_high")]
    suffix = "" if "%" in ends[0] else f" {unit}"
    return (
        f"{float(row['low']):.4g} to {float(row['high']):.4g}{times}",
        about["figures"][row["target"]],
        f"{ends[0]} to {ends[1]}{suffix}",
        f"{float(row['share_of_allowed']):.2f}",
    )
