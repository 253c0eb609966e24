"""What a calibration came to, as text."""

from __future__ import annotations

import json
from pathlib import Path

from cjsim.calibration.history_matching.files import MANIFEST
from cjsim.formatting.numbers import number, span
from cjsim.formatting.tables import text_table


def matched_text(folder: Path) -> str:
    """What a calibration came to, from its folder of results."""
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    rows = [
        (
            row["title"],
            row["use"],
            row["unit"],
            " to ".join(
                number(value, row["unit"])
                for value in dict.fromkeys((row["published_low"], row["published_high"]))
            ),
            number(row["before"], row["unit"]),
            number(row["after"], row["unit"]),
            _span(row["after_low"], row["after_high"], row["unit"]),
            "in" if row["after_in"] else "OUT",
        )
        for row in content["targets"]
    ]
    headings = ("target", "use", "unit", "published", "before", "sets", "90 % of sets", "in or out")
    numbers = [
        (
            row["parameter"],
            f"{row['as_it_is']:.4g}",
            f"{row['low']:g} to {row['high']:g}",
            _span(row["left_low"], row["left_high"]),
            _span(row["likely_low"], row["likely_high"]),
        )
        for row in content["parameters"]
    ]
    lines = [
        f"{content['title']}: {content['sets_plausible']} plausible sets",
        "",
        text_table(headings, rows, numbers={3, 4, 5, 6}),
        "",
        text_table(
            ("number", "as it is", "bounds", "left", "likely, 90 %"), numbers, numbers={1, 2, 3, 4}
        ),
        "",
        *(
            f"Wave {wave['wave']}: {per_cent(wave['share_left'])} of the space left."
            for wave in content["waves"]
        ),
    ]
    if content["unmatched"]:
        lines.append(f"Not matched: {', '.join(content['unmatched'])}.")
    return "\n".join(lines)


def _span(low: float | None, high: float | None, unit: str = "") -> str:
    return span(low, high, unit, signed=False)


def per_cent(share: float) -> str:
    """A share as a reader wants it, however small."""
    return f"{100 * share:.3g} %"
