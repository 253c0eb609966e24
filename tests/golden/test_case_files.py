"""The case files of the guide are what the command prints.

When the model or the engine changes they are written anew with REWRITE_CASE_FILES=1: a case that is
no longer what its heading says gives way to the first one that is.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from cjsim.des.log_reader import read_minutes
from cjsim.des.working_time import MINUTES_A_DAY
from cjsim.england_wales.vocabulary import HEARINGS
from cjsim.trace.trace import DEFAULT_SEED, Followed, follow, tell_case

pytestmark = pytest.mark.slow

Row = dict[str, Any]
Kind = Callable[[Row, list[Row]], bool]

MODEL = "models/staffordshire_2013"
FILE = re.compile(rf"(cjsim trace {MODEL} --case )(\d+)(\n```\n\n```text\n)(.*?)(```\n)", re.DOTALL)


def motoring_summons(case: Row, rows: list[Row]) -> bool:
    """One hearing, and that was all."""
    return (
        case["way_in"] == "summons"
        and case["offence_group"] == "motoring"
        and case["plea"] == "guilty"
        and sum(row["activity"] in HEARINGS for row in rows) == 1
    )


def domestic_abuse_with_two_trial_dates(case: Row, rows: list[Row]) -> bool:
    """A trial that was ineffective after witnesses had come, and then went ahead."""
    trials = [row["result"] for row in rows if row["activity"] == "magistrates_trial"]
    results = {row["result"] for row in rows if row["activity"] == "witness_attendance"}
    contacts = {row["result"] for row in rows}
    return (
        case["domestic_abuse"]
        and case["has_victim"]
        and case["received_crown_at"] < 0
        and trials == ["ineffective", "effective"]
        and {"wasted", "gave_evidence"} <= results
        and {"in_time", "late"} <= contacts
    )


def crown_trial_with_remand(case: Row, rows: list[Row]) -> bool:
    """Held until a jury had been heard, in a trial of more than one day."""
    held = any(row["activity"] == "remand" and row["result"] == "done" for row in rows)
    return (
        held
        and case["crown_way"] == "for_trial"
        and case["has_victim"]
        and any(
            row["activity"] == "crown_trial"
            and row["result"] == "effective"
            and row["ended_at"] - row["started_at"] > MINUTES_A_DAY
            for row in rows
        )
    )


KINDS: tuple[Kind, ...] = (
    motoring_summons,
    domestic_abuse_with_two_trial_dates,
    crown_trial_with_remand,
)


class Lives:
    """The run that the command follows, and its cases that began and ended in the year."""

    def __init__(self, followed: Followed) -> None:
        self.model = followed.model
        self.events, self.table = read_minutes(followed.events), read_minutes(followed.cases)
        self.cases: dict[int, Row] = {
            case["case_id"]: case
            for case in self.table.to_pylist()
            if case["arrived_at"] >= followed.first_minute and case["ended_at"] >= 0
        }

    def text(self, case: int) -> str:
        """What the command prints."""
        return "\n".join(tell_case(self.events, self.table, case, self.model)) + "\n"

    def is_a(self, kind: Kind, case: int) -> bool:
        """Whether a case is of a kind."""
        if case not in self.cases:
            return False
        rows = self.events.filter(pc.equal(self.events.column("case_id"), case)).to_pylist()
        return kind(self.cases[case], rows)

    def first(self, kind: Kind) -> int:
        """The first case of a kind."""
        return next(case for case, facts in self.cases.items() if kind(facts, self._rows[case]))

    @cached_property
    def _rows(self) -> dict[int, list[Row]]:
        rows: dict[int, list[Row]] = defaultdict(list)
        for row in self.events.to_pylist():
            rows[row["case_id"]].append(row)
        return rows


@pytest.fixture(scope="module")
def lives(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Lives:
    return Lives(follow(root / MODEL, tmp_path_factory.mktemp("run"), seed=DEFAULT_SEED))


def test_the_guide_shows_what_the_command_prints(lives: Lives, root: Path) -> None:
    path = root / "docs" / "case_files.md"
    text = path.read_text(encoding="utf-8")
    shown = FILE.findall(text)
    assert len(shown) == len(KINDS)
    if os.environ.get("REWRITE_CASE_FILES"):
        chosen = iter(
            [
                int(said) if lives.is_a(kind, int(said)) else lives.first(kind)
                for (_, said, *_), kind in zip(shown, KINDS, strict=True)
            ]
        )
        path.write_text(
            FILE.sub(lambda at: written(at, lives, next(chosen)), text), encoding="utf-8"
        )
        pytest.skip("The case files were written anew: read what changed.")
    for (_, said, _, file, _), kind in zip(shown, KINDS, strict=True):
        number = int(said)
        assert lives.is_a(kind, number), f"{number}: {kind.__doc__}"
        assert file == lives.text(number)


def written(at: re.Match[str], lives: Lives, case: int) -> str:
    """One command and its file, of another case perhaps."""
    return f"{at[1]}{case}{at[3]}{lives.text(case)}{at[5]}"
