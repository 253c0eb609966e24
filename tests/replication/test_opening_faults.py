"""A table of open cases that is not right, or was saved by a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from cjsim.england_wales.initial_state import read_opening
from cjsim.england_wales.open_cases import COLUMNS
from cjsim.errors import Faults
from cjsim.scenarios.load import load_model
from tests.support.open_cases import FIRST, ROW, write

FAULTY: dict[str, tuple[dict[str, str], str, str, str]] = {
    "an unknown word": (
        {"offence_group": "violense"},
        "offence_group",
        'no "violense"',
        '"violence"?',
    ),
    "an unknown division": ({"division": "west"}, "division", 'no "west"', "north, south"),
    "negative days": ({"charged_days_ago": "-3"}, "charged_days_ago", "negative", "0 or more"),
    "not a number": ({"engagement": "high"}, "engagement", "not a number", "12.5"),
    "not a count": ({"hearings": "1.5"}, "hearings", "not a count", "whole number"),
    "neither yes nor no": ({"youth": "Y"}, "youth", "neither yes nor no", "yes or no"),
    "an empty cell": ({"way_in": ""}, "way_in", "empty", "known words"),
    "a day when nobody sits": (
        {"continues_in_days": "5"},
        "continues_in_days",
        "does not sit in north on Saturday 06",
        "new date",
    ),
    "a date in a queue": (
        {"stands_at": "report_on_the_day", "continues_in_days": "5"},
        "continues_in_days",
        "is a queue",
        "write 0",
    ),
    "too far ahead": ({"continues_in_days": "2000"}, "continues_in_days", "beyond", "at most"),
    "no charge": ({"charged_by": ""}, "charged_days_ago", "needs a charge", "charged_by"),
    "not yet in the Crown Court": (
        {"stands_at": "awaiting_crown_trial"},
        "received_crown_days_ago",
        "in the Crown Court",
        "crown_way",
    ),
    "charged before arrest": (
        {"charged_days_ago": "41"},
        "charged_days_ago",
        "before arrived_days_ago",
        "Correct",
    ),
    "an unknown duty": (
        {"contacts_owed": "chasing_cal:2"},
        "contacts_owed",
        'no duty called "chasing_cal"',
        "chasing_call",
    ),
    "a hearing before the arrest": (
        {"hearings_held": "first_hearing:adjourned:50:5"},
        "hearings_held",
        "before arrived",
        "two",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_names_file_line_column_and_remedy(name: str, toy: Path, tmp_path: Path) -> None:
    cells, column, wrong, remedy = FAULTY[name]
    path = write(tmp_path / "open.csv", [ROW, ROW | cells])
    with pytest.raises(Faults) as found:
        read_opening(path, load_model(toy), FIRST)
    [fault] = found.value.faults
    assert fault.file.endswith("open.csv")
    assert fault.key == f"line 3, {column}"
    assert wrong in fault.wrong
    assert remedy in fault.remedy


def test_columns_that_are_missing_or_unknown_are_named(toy: Path, tmp_path: Path) -> None:
    columns = [
        "offense_group" if name == "offence_group" else name for name in COLUMNS if name != "youth"
    ]
    path = write(tmp_path / "open.csv", [ROW | {"offense_group": "violence"}], columns)
    with pytest.raises(Faults) as found:
        read_opening(path, load_model(toy), FIRST)
    told = {fault.key: fault for fault in found.value.faults}
    assert set(told) == {"line 1, offence_group", "line 1, offense_group", "line 1, youth"}
    assert 'Did you mean "offence_group"?' in told["line 1, offense_group"].remedy


def test_a_fault_of_many_lines_is_told_once(toy: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "open.csv", [ROW | {"youth": "?"}] * 30 + [ROW | {"plea": "maybe"}])
    with pytest.raises(Faults) as found:
        read_opening(path, load_model(toy), FIRST)
    assert len(found.value.faults) == 2
    assert any("(And in 29 more lines.)" in fault.wrong for fault in found.value.faults)


def test_an_empty_table_and_a_missing_one_are_faults(toy: Path, tmp_path: Path) -> None:
    model = load_model(toy)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, wrong in (
        (write(tmp_path / "none.csv", []), "holds no case"),
        (tmp_path / "missing.csv", "no such table"),
        (binary, "not a text file"),
    ):
        with pytest.raises(Faults, match=wrong):
            read_opening(path, model, FIRST)


def test_a_table_saved_by_a_spreadsheet_reads_the_same(toy: Path, tmp_path: Path) -> None:
    plain = read_opening(write(tmp_path / "plain.csv", [ROW]), load_model(toy), FIRST)
    saved = tmp_path / "saved.csv"
    text = (tmp_path / "plain.csv").read_bytes().decode()
    saved.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n,,\r\n".replace(b",,", b""))
    assert read_opening(saved, load_model(toy), FIRST).cases == plain.cases


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_with_decimal_commas_reads_the_same(toy: Path, tmp_path: Path, mark: str) -> None:
    rows = [ROW | {"arrived_days_ago": "40.5", "engagement": "0.25"}]
    plain = read_opening(write(tmp_path / "plain.csv", rows), load_model(toy), FIRST)
    saved = tmp_path / "saved.csv"
    text = (tmp_path / "plain.csv").read_text().replace(",", mark).replace(".", ",")
    saved.write_text(text, encoding="utf-16" if mark == "\t" else "utf-8")
    assert "40,5" in text
    assert read_opening(saved, load_model(toy), FIRST).cases == plain.cases


def test_a_comma_that_may_be_a_thousand_is_a_fault(toy: Path, tmp_path: Path) -> None:
    write(tmp_path / "plain.csv", [ROW | {"arrived_days_ago": "1.025"}])
    saved = tmp_path / "saved.csv"
    text = (tmp_path / "plain.csv").read_text().replace(",", ";").replace(".", ",")
    saved.write_text(text)
    with pytest.raises(Faults, match=r'"1,025" is 1\.025 or 1025'):
        read_opening(saved, load_model(toy), FIRST)
