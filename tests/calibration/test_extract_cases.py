"""Extracts: every fault by line and at once, open cases censored, nothing small written."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from statistics import NormalDist

import pytest
from click.testing import CliRunner

from cjsim.calibration.fitting.extract_layout import COLUMNS, LENGTHS
from cjsim.calibration.fitting.extract_reader import Extract, Spell, read_extract
from cjsim.calibration.fitting.fit import fit_extract
from cjsim.cli.main import main
from cjsim.errors import Faults
from tests.calibration.test_survival import COUNTY

HEADER = "case,offence_group,charged,first_listed,ended"


def extract(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def faults(path: Path, **how: dt.date) -> str:
    with pytest.raises(Faults) as raised:
        read_extract(path, **how)
    return raised.value.report()


def listed(read: Extract) -> list[Spell]:
    return read.spells["charge_to_first_listing"]


def test_every_fault_of_every_line_is_told_at_once(tmp_path: Path) -> None:
    path = extract(
        tmp_path,
        "1,violence,2014-01-01,2014-01-20,",
        "2,violence,01/02/2014,2014-03-01,",
        "3,arson,2014-01-01,2014-01-20,",
        "4,violence,2014-01-01",
        "5,theft,2014-05-01,2014-04-01,",
        "6,theft,2014-02-30,,",
        "7,theft,,2014-04-01,",
        "8,theft,2014-01-01,2014-02-01,2014-01-15",
    )
    told = faults(path)
    assert '"line 4, offence_group": this is no offence group.' in told
    assert '"lines 3, 7, charged": this is no day. Write 2013-10-01,' in told
    assert '"line 5": this line has more or fewer cells than the first.' in told
    assert '"line 6, first_listed": this lies before charged.' in told
    assert '"line 8, charged": this is empty, and first_listed is not.' in told
    assert "If the case ended in another way and never had one" in told
    assert "put its last day into ended." in told
    assert '"line 9, ended": this lies before first_listed.' in told
    assert "arson" not in told.replace("criminal_damage", ""), "no cell is repeated"


def test_a_quotation_mark_that_is_not_closed_is_a_fault(tmp_path: Path) -> None:
    path = extract(tmp_path, '1,"theft,2014-01-01,,', *["2,theft,2014-01-01,,"] * 9000)
    assert "a quotation mark that is not closed" in faults(path)


def test_what_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "cases.xlsx").write_bytes(b"PK\x03\x04\xff\xfe")
    assert "this is not a text file" in faults(tmp_path / "cases.xlsx")
    assert "there is no such extract" in faults(tmp_path / "none.csv")
    assert "the extract holds no case" in faults(extract(tmp_path))


def test_runs_of_lines_are_told_as_runs(tmp_path: Path) -> None:
    rows = ["1,theft,soon,,"] * 4 + ["1,theft,2014-01-01,,", "1,theft,soon,,"]
    assert '"lines 2-5, 7, charged"' in faults(extract(tmp_path, *rows))


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("case,chraged,first_listed", 'Did you mean "charged"?'),
        ("case,surname,charged,first_listed", "hand on no more than is needed"),
        ("case,charged", "its other end, first_listed, is missing"),
        ("case,charged,charged,first_listed", "this column is there twice"),
        ("case;charged;first_listed", "not set apart by commas"),
        ("case,offence_group", "no column holds a length of time"),
    ],
)
def test_a_wrong_first_line_is_told(tmp_path: Path, header: str, told: str) -> None:
    assert told in faults(extract(tmp_path, "1,2,3", header=header))


def test_what_lies_after_the_day_of_the_extract_is_a_fault(tmp_path: Path) -> None:
    path = extract(tmp_path, "1,theft,2014-01-01,2014-03-01,")
    assert "after the day of the extract" in faults(path, as_of=dt.date(2014, 2, 1))


def test_bad_rows_can_be_left_out_and_are_still_named(tmp_path: Path) -> None:
    path = extract(tmp_path, "1,theft,2014-01-01,2014-01-11,", "2,theft,soon,,")
    read, told = read_extract(path, leave_out_bad_rows=True)
    assert (read.rows, read.left_out, len(listed(read))) == (2, 1, 1)
    assert str(told[0]).startswith('  "line 3, charged"')


def test_an_open_case_lasts_until_the_extract_or_until_it_ended(tmp_path: Path) -> None:
    path = extract(
        tmp_path,
        "1,theft,2014-01-01,2014-01-11,",
        "2,theft,2014-01-01,,",
        "3,theft,2014-01-01,,2014-01-06",
        "4,theft,,,2014-01-06",
    )
    read, _ = read_extract(path, as_of=dt.date(2014, 1, 31))
    assert listed(read) == [
        Spell(10.0, complete=True, group="theft"),
        Spell(30.0, complete=False, group="theft"),
        Spell(5.0, complete=False, group="theft"),
    ]


def test_hours_are_told_from_days_with_their_times(tmp_path: Path) -> None:
    path = extract(
        tmp_path, "2014-01-01 22:30,2014-01-02 09:00", header="custody_arrived,custody_left"
    )
    read, _ = read_extract(path)
    assert read.spells["detention"] == [Spell(10.5, complete=True, group="")]
    no_time = extract(tmp_path, "2014-01-01,2014-01-02", header="custody_arrived,custody_left")
    assert "this is a day without a time. Write 2013-10-01 14:30." in faults(no_time)


def written_in(folder: Path) -> list[str]:
    """The files of a fit, without the list of them that cjsim keeps."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def many(count: int, group: str, *, median: float = 15.0) -> list[str]:
    """Completed cases whose lengths follow a lognormal."""
    begin = dt.date(2014, 1, 1)
    lengths = [round(median * 2 ** NormalDist().inv_cdf((n + 0.5) / count)) for n in range(count)]
    return [
        f"{n},{group},{begin},{begin + dt.timedelta(days=days)}," for n, days in enumerate(lengths)
    ]


def test_small_groups_are_in_no_file_that_is_written(tmp_path: Path) -> None:
    rows = [*many(120, "theft"), *many(60, "violence"), *many(27, "drugs"), *many(3, "robbery")]
    path = extract(tmp_path, *rows, "x,theft,2014-01-01,,", "y,theft,2014-01-01,,")
    folder, lines = fit_extract(path, by_group=True, as_of=dt.date(2014, 6, 30))
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "| theft | 120 | all but fewer than 5 | fewer than 5 |" in text
    assert "| violence | 60 | all but fewer than 5 | fewer than 5 |" in text
    assert "| robbery |" not in text
    assert "| drugs |" not in text, "with all the others it would give robbery away"
    assert "give another away: sexual, robbery, burglary, criminal_damage, drugs," in text
    toml = (folder / "charge_to_first_listing.toml").read_text(encoding="utf-8")
    assert re.search(r"by_group = \{ violence = [\d.]+, theft = [\d.]+ \}", toml)
    assert not any("robbery" in line for line in lines)


def test_a_stricter_rule_hides_more(tmp_path: Path) -> None:
    path = extract(tmp_path, *many(120, "theft"), *many(60, "violence"), *many(27, "drugs"))
    text = (fit_extract(path, by_group=True, smallest=50)[0] / "report.md").read_text("utf-8")
    assert not re.search(r"\| (violence|drugs) \|", text)


def test_too_few_are_not_fitted(tmp_path: Path) -> None:
    folder, lines = fit_extract(extract(tmp_path, *many(19, "theft")), as_of=dt.date(2014, 6, 30))
    assert lines == ["Charge to first listing: 20 cases, too few completed to fit"]
    assert written_in(folder) == ["report.md"]


def test_a_law_that_is_far_from_the_cases_is_said_to_be_no_good_fit(tmp_path: Path) -> None:
    begin = dt.date(2014, 1, 1)
    # Three fixed intervals, as of a court that lists by notice periods: no smooth law has those.
    rows = [
        f"{n},theft,{begin},{begin + dt.timedelta(days=(7, 21, 60)[n % 3])}," for n in range(90)
    ]
    folder, lines = fit_extract(extract(tmp_path, *rows))
    assert re.search(r"no good fit: off by \d+ points", lines[0])
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert "None of these distributions describes these cases well" in report
    _, good = fit_extract(extract(tmp_path, *many(120, "theft", median=30.0)))
    assert "no good fit" not in good[0]


def test_what_a_real_county_does_not_reach_is_not_told(tmp_path: Path) -> None:
    """Neither median nor p90 of the second length is reached, nor the p90 of the first."""
    folder, lines = fit_extract(COUNTY, out=tmp_path / "county")
    names = ("charge_to_first_listing.svg", "first_listing_to_completion.svg", "report.md")
    assert written_in(folder) == [*names], "no duration for a model"
    listing, completion = lines[:2]
    assert listing.startswith("Charge to first listing: 1,250 cases, in days: median 50 (")
    assert "p90 not reached" in listing
    assert "795 cases, in days: median not reached, p90 not reached" in completion
    assert all("nothing for a model" in line for line in (listing, completion))
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert "| cases (Kaplan and Meier) |" in report
    assert "Refused: two lognormals, because a part of it lies beyond" in report
    # The longest lengths are 269 and 330 days: the table ends where others are as long.
    assert "within 220" in report
    assert not re.search(r"\b(269|330)\b", report)


def test_one_lone_long_case_is_in_no_number(tmp_path: Path) -> None:
    lone = COUNTY.with_name("one_lone_long_case.csv")
    folder, lines = fit_extract(lone, out=tmp_path / "lone")
    for path in folder.iterdir():
        if path.suffix != ".svg":
            assert "321" not in path.read_text(encoding="utf-8")
    assert "Refused: two lognormals, because a part of it would rest on too few cases" in (
        folder / "report.md"
    ).read_text(encoding="utf-8")
    assert "321" not in "".join(lines)


def test_a_length_whose_columns_are_there_has_its_section_with_or_without_a_case(
    tmp_path: Path,
) -> None:
    header = f"{HEADER},received_crown,crown_completed"
    rows = [f"{row},," for row in many(40, "theft")]
    none = fit_extract(extract(tmp_path, *rows, header=header), as_of=dt.date(2015, 1, 1))
    first = "x,theft,,,,2014-02-01,2014-03-01"
    some = fit_extract(extract(tmp_path, *rows, first, header=header), as_of=dt.date(2015, 1, 1))
    assert none[1] == some[1]
    assert "Time at the Crown Court: fewer than 5 cases, too few completed to fit" in none[1]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    path = extract(tmp_path, *many(19, "theft"))
    (tmp_path / "cases_fit").mkdir()
    (tmp_path / "cases_fit" / "report.md").write_text("my thesis")
    with pytest.raises(Faults, match="which cjsim did not write"):
        fit_extract(path)
    assert [file.name for file in (tmp_path / "cases_fit").iterdir()] == ["report.md"]
    assert (tmp_path / "cases_fit" / "report.md").read_text() == "my thesis"


def test_the_command_fits_an_extract_and_fits_it_again_the_same(tmp_path: Path) -> None:
    path = extract(tmp_path, *many(120, "theft"))
    done = CliRunner().invoke(main, ["fit", "--data", str(path)])
    assert done.exit_code == 0, done.output
    assert "Charge to first listing: 120 cases, in days: median" in done.output
    assert "Open cases are open as of February 2014; set another day with --as-of." in done.output
    first = {each.name: each.read_bytes() for each in (tmp_path / "cases_fit").iterdir()}
    assert set(first) == {
        ".cjsim.json",
        "report.md",
        "charge_to_first_listing.toml",
        "charge_to_first_listing.svg",
    }
    CliRunner().invoke(main, ["fit", "--data", str(path)])
    assert first == {each.name: each.read_bytes() for each in (tmp_path / "cases_fit").iterdir()}


def test_one_thing_is_fitted_at_a_time(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["fit"])
    assert done.exit_code == 2
    assert "--data" in done.output


def test_the_guide_names_every_column_and_length(root: Path) -> None:
    guide = (root / "docs" / "fitting.md").read_text(encoding="utf-8")
    for name, means in COLUMNS.items():
        assert f"| `{name}` | {means}" in guide
    for length in LENGTHS:
        begins = f"`{length.begins}`" if length.begins else ""
        assert re.search(rf"\| {begins}\s*\| `{length.ends}` \|", guide), length.name
