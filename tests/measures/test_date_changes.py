"""How often a victim's date was moved, on three victims."""

from __future__ import annotations

from pathlib import Path

from tests.support.hand_made import Measured, at, case, event, write_log


def test_victims_are_counted_by_how_often_their_dates_were_moved(tmp_path: Path) -> None:
    heard = {
        "has_victim": True,
        "charged": at(1),
        "first_listed": at(5, 10),
        "magistrates_completed": at(30, 12),
        "ended": at(30, 12),
        "outcome": "acquitted",
    }

    def moved(number: int, times: int) -> list[dict[str, object]]:
        return [
            event(number, "change_of_date", at(8 + n), at(9 + n), due=at(10 + n), result="in_time")
            for n in range(times)
        ]

    measured = Measured(
        write_log(
            tmp_path,
            [
                *(case(number, **heard) for number in (1, 2, 3)),
                case(4, **{**heard, "has_victim": False}),
            ],
            [*moved(2, 3), *moved(3, 4)],
        )
    )
    counts = {
        group: measured["victims_by_dates_moved", "magistrates", group]
        for group in ("", "none", "once", "2_to_3_times", "4_times_or_more")
    }
    assert counts == {
        "": 3,
        "none": 1,
        "once": 0,
        "2_to_3_times": 1,
        "4_times_or_more": 1,
    }
