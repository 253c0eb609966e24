"""Extracts as people have them: other names, other dates, other lengths, other programs' cells."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cjsim.calibration.fitting.extract_layout import ColumnsFile, read_columns_file
from cjsim.calibration.fitting.extract_reader import (
    Extract,
    Spell,
    believable,
    read_extract,
    settled_day,
)
from cjsim.cli.main import main
from cjsim.errors import Faults
from tests.calibration.test_survival import COUNTY

TODAY = dt.date(2026, 1, 1)


def extract(folder: Path, *rows: str) -> Path:
    path = folder / "cases.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def columns_of(folder: Path, text: str) -> ColumnsFile:
    path = folder / "columns.toml"
    path.write_text(text, encoding="utf-8")
    return read_columns_file(path)


def faults_of_columns(folder: Path, text: str) -> str:
    with pytest.raises(Faults) as raised:
        columns_of(folder, text)
    return raised.value.report()


def faults(path: Path, **how: object) -> str:
    with pytest.raises(Faults) as raised:
        read_extract(path, today=TODAY, **how)  # type: ignore[arg-type]
    return raised.value.report()


def lengths(read: Extract, name: str = "charge_to_first_listing") -> list[float]:
    return [spell.length for spell in read.spells[name]]


# --- cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-12 06:03:42",
        "2023-02-12T06:03:42",
        "2023-02-12 06:03",
        "2023-02-12T06:03:42.123",
        "2023-02-12 06:03:42.123456789",
        "2023-02-12 00:00:00",
        " 2023-02-12 ",
    ],
)
def test_a_day_is_read_as_databases_write_it(tmp_path: Path, cell: str) -> None:
    path = extract(tmp_path, "charged,first_listed", f"{cell},2023-02-22")
    assert lengths(read_extract(path)[0]) == [10.0]


def test_a_whole_extract_with_seconds_is_read_as_without_them(tmp_path: Path) -> None:
    rows = COUNTY.read_text(encoding="utf-8").splitlines()[:121]
    with_seconds = [
        ",".join(f"{cell} 06:03:42" if "-" in cell else cell for cell in row.split(","))
        for row in rows
    ]
    read, _ = read_extract(extract(tmp_path, *with_seconds))
    plain, _ = read_extract(extract(tmp_path, *rows))
    assert read.spells == plain.spells
    assert read.rows == 120


def test_seconds_count_in_hours(tmp_path: Path) -> None:
    path = extract(
        tmp_path, "custody_arrived,custody_left", "2014-01-01 22:30:00,2014-01-02T09:00:36"
    )
    assert lengths(read_extract(path)[0], "detention") == [pytest.approx(10.51)]


def test_a_time_that_names_its_zone_is_refused(tmp_path: Path) -> None:
    path = extract(tmp_path, "charged,first_listed", "2023-02-12T06:03:42Z,2023-02-22")
    assert "this time names its zone. Write the local time without it" in faults(path)


def test_what_pandas_writes_back_is_read(tmp_path: Path) -> None:
    """`read_csv` and `to_csv` make 3.0 of a 3 beside empty cells; R writes NA, databases NULL."""
    path = extract(
        tmp_path,
        "case,crown_trial_days,charged,first_listed",
        "1,3.0,2014-01-01,2014-01-05",
        "2,,2014-01-01,NaT",
        "3,2.00,2014-01-01,NULL",
        "4,NA,NaN,",
    )
    read, _ = read_extract(path, as_of=dt.date(2014, 1, 31))
    assert lengths(read, "crown_trial_length") == [3.0, 2.0]
    assert lengths(read) == [4.0, 30.0, 30.0]
    bad = extract(tmp_path, "case,crown_trial_days", "1,3.5", "2,-1", "3,1e2", "4,0.0")
    assert '"lines 2-5, crown_trial_days": this is no number of days' in faults(bad)


# --- forms of dates ---------------------------------------------------------------------------


def test_days_are_read_in_the_form_that_is_given(tmp_path: Path) -> None:
    path = extract(tmp_path, "charged,first_listed", "31/12/2013,10/01/2014")
    assert "Or say how days are written with --date-format." in faults(path)
    assert lengths(read_extract(path, date_format="%d/%m/%Y")[0]) == [10.0]
    month_first = extract(tmp_path, "charged,first_listed", "12/31/2013,2014-01-10")
    assert "this is no day" in faults(month_first, date_format="%d/%m/%Y")
    assert lengths(read_extract(month_first, date_format="%m/%d/%Y")[0]) == [10.0]
    timed = extract(tmp_path, "custody_arrived,custody_left", "1 Oct 2013 14:30,1 Oct 2013 16:00")
    read, _ = read_extract(timed, date_format="%d %b %Y %H:%M")
    assert lengths(read, "detention") == [1.5]


@pytest.mark.parametrize("form", ["%d/%m", "%H:%M", "day", "%x", "%Y-%m"])
def test_a_form_of_dates_without_year_month_and_day_is_refused(tmp_path: Path, form: str) -> None:
    told = faults_of_columns(tmp_path, f'date_format = "{form}"')
    assert "a date format needs a year, a month and a day." in told
    path = extract(tmp_path, "charged,first_listed", "31/12/2013,10/01/2014")
    done = CliRunner().invoke(main, ["fit", "--data", str(path), "--date-format", form])
    assert done.exit_code == 2
    assert "a date format needs a year, a month and a day." in done.output


# --- names and lengths of the user's ----------------------------------------------------------

COLUMNS = """
date_format = "%m/%d/%Y"
unused = ["Judge"]
[columns]
charged = "DateCharged"
first_listed = "Arraigned"
[lengths.jail_stay]
from = "booked"
to = "released"
title = "Jail stay"
unit = "days"
"""


def test_a_file_maps_names_and_declares_lengths(tmp_path: Path) -> None:
    path = extract(
        tmp_path,
        "DateCharged,Arraigned,Judge,booked,released",
        "02/01/2014,02/11/2014,Somebody,01/15/2014,02/20/2014",
        "02/02/2014,,Somebody,01/20/2014,",
    )
    read, _ = read_extract(path, columns=columns_of(tmp_path, COLUMNS), as_of=dt.date(2014, 3, 1))
    assert lengths(read) == [10.0, 27.0]
    assert read.spells["jail_stay"] == [Spell(36.0, True, ""), Spell(40.0, False, "")]
    assert [length.title for length in read.lengths] == ["Charge to first listing", "Jail stay"]


def test_the_command_reports_a_declared_length(tmp_path: Path) -> None:
    begin = dt.date(2014, 1, 1)
    rows = [f"{begin},{begin + dt.timedelta(days=3 + n % 3)}" for n in range(60)]
    path = extract(tmp_path, "In,Out", *rows)
    text = COLUMNS.split("[columns]")[1].replace('"DateCharged"', '"x"')
    text = '[columns]\nbooked = "In"\nreleased = "Out"\n' + text[text.index("[lengths") :]
    (tmp_path / "columns.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(
        main, ["fit", "--data", str(path), "--columns", str(tmp_path / "columns.toml")]
    )
    assert done.exit_code == 0, done.output
    assert "Jail stay: 60 cases, in days: median 4 " in done.output
    assert "## Jail stay" in (tmp_path / "cases_fit" / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[columns]\nchargd = "x"',
            '"columns.chargd": this is not a standard column of cjsim. Did',
        ),
        ('[columns]\ncharged = "x"\nbailed = "x"', "two columns are read from one column"),
        ('[lengths.detention]\nfrom="a"\nto="b"\ntitle="T"\nunit="days"', "this name is taken"),
        ('[lengths.report]\nfrom="a"\nto="b"\ntitle="T"\nunit="days"', "this name is taken"),
        ('[lengths."../x"]\nfrom="a"\nto="b"\ntitle="T"\nunit="days"', "is not a name"),
        (
            '[lengths.x]\nfrom="a"\nto="a"\ntitle="T"\nunit="days"',
            "begins and ends in the same column",
        ),
        ('[lengths.x]\nfrom="a"\nto="b"\ntitle="T"\nunit="weeks"', "lengths.x.unit"),
        ('[lengths.x]\nfrom="a"\ntitle="T"\nunit="days"', "lengths.x.to"),
        ("[colums]\n", "colums"),
    ],
)
def test_a_slip_in_a_columns_file_is_told_with_its_key(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in faults_of_columns(tmp_path, text)


def test_a_column_that_the_file_names_and_the_extract_lacks_is_told(tmp_path: Path) -> None:
    path = extract(tmp_path, "DateCharge,Arraigned", "02/01/2014,02/11/2014")
    told = faults(path, columns=columns_of(tmp_path, COLUMNS))
    assert 'there is no column "DateCharged", which the columns file names. Did you mean' in told
    assert "neither booked nor released is there." in told


# --- the first line ---------------------------------------------------------------------------


def test_a_first_line_that_is_a_case_is_never_repeated(tmp_path: Path) -> None:
    path = extract(tmp_path, "Jane Doe,violence,2014-01-01,2014-01-20", "1,theft,2014-01-01,")
    told = faults(path)
    assert "this line holds no names of columns but a case" in told
    assert "Jane" not in told
    assert "violence" not in told


def test_a_column_without_a_plain_name_is_told_by_its_place(tmp_path: Path) -> None:
    path = extract(tmp_path, ",07700 900123,charged,first_listed", "0,1,2014-01-01,2014-01-20")
    told = faults(path)
    assert "line 1, column 1" in told
    assert "Write the table without its row numbers." in told
    assert "line 1, column 2" in told
    assert "900123" not in told


# --- days that cannot be right ----------------------------------------------------------------


def a_year(count: int, *last: str) -> list[str]:
    rows = ["charged,first_listed"]
    for place in range(count):
        begin = dt.date(2019, 1, 1) + dt.timedelta(days=place % 365)
        rows.append(f"{begin},{begin + dt.timedelta(days=30)}")
    return [*rows, *last]


def test_a_day_after_today_is_a_fault_with_its_line(tmp_path: Path) -> None:
    told = faults(extract(tmp_path, *a_year(60, "2019-03-22,2109-04-22")))
    assert '"line 62, first_listed": this lies after today.' in told
    assert "2109" not in told, "no cell is repeated"


@pytest.mark.parametrize("wrong", ["1999-03-01", "2012-01-01", "1919-03-01"])
def test_a_day_far_from_most_is_a_fault_with_its_line(tmp_path: Path, wrong: str) -> None:
    told = faults(extract(tmp_path, *a_year(400, f"{wrong},2019-04-22")))
    assert '"line 402, charged": this lies' in told


def test_a_late_end_within_the_rule_is_none(tmp_path: Path) -> None:
    path = extract(tmp_path, *a_year(400, "2019-03-01,2022-04-22"))
    assert read_extract(path, today=TODAY)[0].as_of.date() == dt.date(2022, 4, 22)


def test_who_names_the_day_of_the_extract_may_have_later_days(tmp_path: Path) -> None:
    path = extract(tmp_path, *a_year(400, "2019-03-01,2025-12-01"))
    assert "more than 5 years from most days" in faults(path)
    assert read_extract(path, as_of=dt.date(2026, 1, 1), today=TODAY)[0].rows == 401
    future = extract(tmp_path, *(row.replace("2019", "2031") for row in a_year(300)))
    assert "this lies after today" in faults(future)
    assert read_extract(future, as_of=dt.date(2033, 1, 1), today=TODAY)[0].rows == 300


def test_the_bulk_of_days_is_its_middle_nine_tenths() -> None:
    first = dt.date(2019, 1, 1).toordinal()
    low, high = believable(np.arange(first, first + 1000, dtype=np.int64))
    assert first + 50 - low == high - (first + 949) == 3 * 899
    low, high = believable(np.arange(first, first + 200, dtype=np.int64))
    assert first + 10 - low == pytest.approx(5 * 365.25, abs=1)
    assert believable(np.array([first, first + 10**5], dtype=np.int64))[0] < 10


def test_one_late_day_does_not_decide_until_when_the_others_are_open() -> None:
    days = np.arange(100, 200, dtype=np.int64)
    assert settled_day(days, 5).toordinal() == 199
    assert settled_day(np.append(days, 220), 5).toordinal() == 220
    assert settled_day(np.append(days, 900), 5).toordinal() == 196
    assert settled_day(np.array([3, 9], dtype=np.int64), 5).toordinal() == 9
    assert settled_day(np.array([3, 900], dtype=np.int64), 5).toordinal() == 3


def test_a_case_that_ended_later_than_the_day_of_the_extract_is_open_on_it(tmp_path: Path) -> None:
    rows = ["charged,first_listed", "2014-01-01,2014-01-11", "2014-01-05,2014-02-11"]
    read = read_extract(extract(tmp_path, *rows, "2014-02-01,2014-02-11"))[0]
    cut = read.until(dt.date(2014, 1, 20))
    assert cut.spells["charge_to_first_listing"] == [Spell(10.0, True, ""), Spell(15.0, False, "")]
    assert cut.as_of.date() == dt.date(2014, 1, 20)
