"""What no run can contain: a lost case, an unlawful stay in a cell, a share above 1.

Such a run is refused with an error that names the case or the measure; no result is made of it.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from cjsim.errors import CaseLost, Impossible
from cjsim.measures.registry import bounds_of
from cjsim.opening import NUMBERS_AFTER
from cjsim.storage.tables import read_table
from cjsim.vocabulary import Limit

if TYPE_CHECKING:
    import pyarrow as pa

    from cjsim.measures.log import Log

ROUNDING: Final = 1e-9
"""How far beyond a bound the last digits of a sum may lie."""


class Row(NamedTuple):
    """A row of the log of one case, in minutes; -1 for never."""

    activity: str
    entered: int
    due: int
    left: int


def refuse_out_of_bounds(kpis: pa.Table) -> None:
    """Raise Impossible for the first value that its measure cannot have.

    `kpis` has the columns kpi, court, group, period, value and unit. A share lies between 0 and 1,
    a count and a length of time are at least 0, and everything is a finite number, unless the
    measure says otherwise.
    """
    if not kpis.num_rows:
        return
    values = kpis.column("value").to_numpy()
    names = kpis.column("kpi").combine_chunks().dictionary_encode()
    units = dict(zip(kpis.column("kpi").to_pylist(), kpis.column("unit").to_pylist(), strict=True))
    bounds = [bounds_of(name, units[name]) for name in names.dictionary.to_pylist()]
    place = names.indices.to_numpy()
    least, most = (np.array(side)[place] for side in zip(*bounds, strict=True))
    beyond = ~np.isfinite(values) | (values < least - ROUNDING) | (values > most + ROUNDING)
    if not beyond.any():
        return
    first = int(np.argmax(beyond))
    row = {name: kpis.column(name)[first].as_py() for name in kpis.column_names}
    where = ", ".join(f"{name} {row[name]}" for name in ("court", "group", "period") if row[name])
    raise Impossible(
        f'The measure "{row["kpi"]}" is {row["value"]:g} {row["unit"]} ({where}), which cannot be: '
        f"it lies between {least[first]:g} and {most[first]:g}. {int(beyond.sum())} of "
        f"{kpis.num_rows} values are impossible. No results were made of it."
    )


def refuse_impossible(log: Log, folder: Path) -> None:
    """Raise Impossible where a run loses a case, ends one twice, or breaks the law of custody."""
    _refuse_lost_cases(log)
    _refuse_unlawful_stays(log, folder)


# --- every case that came in has ended or is open --------------------------------------------


def _refuse_lost_cases(log: Log) -> None:
    (cases, ended), *_ = log.ask(
        "SELECT count(*), count(*) FILTER (ended >= 0 AND outcome <> '') FROM cases"
    )
    if log.disposals != ended:
        raise Impossible(
            f"Of {cases:,} cases that came in {ended:,} have an outcome, and the log has "
            f"{log.disposals:,} disposals: each case ends once."
        )
    still_open = log.ask("SELECT id FROM cases WHERE ended < 0")
    lost = np.setdiff1d([case for (case,) in still_open], log.waiting)
    if len(lost):
        raise CaseLost(
            f"{len(lost):,} of {cases:,} cases were lost: they have no outcome and wait for "
            f"nothing. The first is case {lost[0]}."
        )


# --- nobody is in a police cell for longer than the law allows -------------------------------


def _refuse_unlawful_stays(log: Log, folder: Path) -> None:
    """Police and Criminal Evidence Act 1984, sections 41 to 44; Bail Act 1976, section 7.

    24 hours; 36 if a superintendent has extended them; 96 on a magistrates' warrant of further
    detention. On a court's warrant of arrest: until the first court that sits after the arrest has
    been dealt with, 24 hours at most.
    """
    first, extended, warrant = (
        _longest(log, word)
        for word in (
            "detention_first_hours", "detention_superintendent_hours", "detention_warrant_hours",
        )
    )  # fmt: skip
    long_stays = log.ask(f"""
        SELECT id, entered, CASE WHEN finished < 0 THEN {log.end} ELSE finished END AS until
        FROM custody_events WHERE activity = 'detention' AND until - entered > {first}
        ORDER BY entered, id
    """)  # noqa: S608  # numbers of our own
    if not long_stays:
        return
    rows = _rows_of(log, [case for case, _, _ in long_stays])
    courts = _RemandCourts(log, folder)
    for case, entered, left in long_stays:
        if case >= NUMBERS_AFTER and entered < log.start:
            continue  # it began before the run did, and who allowed it is not in the log
        own = [row for row in rows[case] if entered <= row.entered <= left]
        if any(row.activity == "arrest_on_warrant" for row in own):
            lawful = _brought_to_the_next_court(own, entered, left, first, courts, case)
            why = "on a court's warrant, and was not brought before the next court that sat"
        else:
            allowed = {row.activity for row in own if row.activity != "detention"}
            limit = extended if "custody_clock_extension" in allowed else first
            limit = warrant if "custody_warrant" in allowed else limit
            lawful = left - entered <= limit
            why = f"without charge, and nobody had allowed more than {limit / 60:g}"
        if not lawful:
            raise Impossible(
                f"Case {case} was held in a police cell for {(left - entered) / 60:.1f} hours "
                f"{why}. No results were made of it."
            )


def _longest(log: Log, word: Limit) -> int:
    """A limit in minutes: the longest that the model has at any time."""
    number = log.model.limits[word]
    values = [number.value, *(change.value for change in number.changes)]
    hours = [max(value.values()) if isinstance(value, dict) else value for value in values]
    return round(max(hours) * 60)


def _rows_of(log: Log, cases: list[int]) -> dict[int, list[Row]]:
    wanted = ", ".join(str(case) for case in sorted(set(cases)))
    rows = defaultdict(list)
    for case, *row in log.ask(
        "SELECT id, activity, entered, due, finished FROM custody_events "  # noqa: S608  # numbers
        f"WHERE id IN ({wanted})"
    ):
        rows[case].append(Row(*row))
    return rows


def _brought_to_the_next_court(
    own: list[Row], entered: int, left: int, first: int, courts: _RemandCourts, case: int
) -> bool:
    hearings = [row for row in own if row.activity.endswith("warrant_hearing")]
    if not hearings:
        return left - entered <= first
    hearing = min(hearings, key=lambda row: row.entered)
    return (
        hearing.entered - entered <= first
        and not courts.sat_between(case, hearing.entered, hearing.due)
        and (hearing.left < 0 or left <= hearing.left)
    )


class _RemandCourts:
    """When the remand court of each division sat, for the few stays that have to be looked at."""

    def __init__(self, log: Log, folder: Path) -> None:
        self._log = log
        houses = log.model.lists["remand_court"].houses
        table = read_table(
            folder / "sittings.parquet", ["house", "start"], [("list", "=", "remand_court")]
        )
        self._starts: dict[str, list[int]] = defaultdict(list)
        for house, start in zip(*(table.column(name).to_pylist() for name in ("house", "start")),
                                strict=True):  # fmt: skip
            self._starts[houses[house].division].append(start)

    def sat_between(self, case: int, after: int, before: int) -> bool:
        """Whether it sat for a case's division after one minute and on a day before another's."""
        ((division,),) = self._log.ask(
            f"SELECT division FROM cases WHERE id = {int(case)}"  # noqa: S608  # a number
        )
        return any(after < start < before // 1440 * 1440 for start in self._starts[division])
