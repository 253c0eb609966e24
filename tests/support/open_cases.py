"""A sound row of a table of open cases, and a table of such rows."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from cjsim.england_wales.open_cases import COLUMNS

FIRST = dt.date(2013, 4, 1)
"""The day on which the cases are open."""

ROW = dict.fromkeys(COLUMNS, "") | {
    name: {"yes_no": "no", "count": "0", "number": "0.7"}[column.kind]
    for name, column in COLUMNS.items()
    if column.kind in ("yes_no", "count", "number")
}
ROW |= {
    "way_in": "arrest_notifiable",
    "offence_group": "violence",
    "offence_class": "either_way",
    "division": "north",
    "arrived_days_ago": "40",
    "charged_days_ago": "30.5",
    "charged_by": "by_cps",
    "first_listed_days_ago": "20",
    "plea": "not_guilty",
    "plea_when": "first_hearing",
    "not_guilty_pleaded": "yes",
    "first_not_guilty_days_ago": "20",
    "hearings": "1",
    "hearings_held": "first_hearing:not_guilty_plea:20:12",
    "stands_at": "awaiting_magistrates_trial",
}


def write(path: Path, rows: list[dict[str, str]], columns: list[str] | None = None) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns or list(COLUMNS), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path
