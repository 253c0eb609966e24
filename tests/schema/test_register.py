"""The register and the other tables of a study are read as a spreadsheet saves them."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.calibration.backcast.scores import read_published
from cjsim.cli.main import main
from cjsim.errors import Faults
from cjsim.experiment.designs.ensemble import read_ensemble
from cjsim.schema.csv_files import MOST_FAULTS
from cjsim.schema.register import COLUMNS, read_register
from tests.conftest import ROOT

REGISTER = ROOT / "calibration" / "register.csv"
HEAD = ",".join(COLUMNS)


def row(name: str, **cells: str) -> str:
    given = dict.fromkeys(COLUMNS, "x") | {"id": name, "status": "published"} | cells
    return ",".join(given[column] for column in COLUMNS)


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def told(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(Faults) as found:
        read_register(path)
    return [(fault.key, f"{fault.wrong} {fault.remedy}".strip()) for fault in found.value.faults]


def with_semicolons(text: str, mark: str = ";") -> str:
    """As a spreadsheet writes a table where a comma is the decimal mark."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\r\n").writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("kept", "encoding"),
    [
        ("as it is", "utf-8-sig"),
        ("carriage returns", "utf-8"),
        ("semicolons", "utf-8"),
        ("semicolons", "utf-8-sig"),
        ("semicolons", "cp1252"),
        ("as it is", "cp1252"),
        ("tabs", "utf-16"),
        ("a hint", "utf-8"),
        ("empty columns and rows", "utf-8"),
    ],
)
def test_the_register_reads_the_same_however_a_spreadsheet_saves_it(
    tmp_path: Path, kept: str, encoding: str
) -> None:
    text = REGISTER.read_text(encoding="utf-8")
    pound = text.replace("GBP per hour", "\u00a3 per hour")
    assert pound != text
    written(tmp_path / "plain.csv", pound)
    saved = {
        "as it is": pound,
        "carriage returns": pound.replace("\n", "\r\n"),
        "semicolons": with_semicolons(pound),
        "tabs": with_semicolons(pound, "\t"),
        "a hint": "sep=;\r\n" + with_semicolons(pound),
        "empty columns and rows": pound.replace("\n", ",,\n") + ",,,\n",
    }[kept]
    (tmp_path / "saved.csv").write_bytes(saved.encode(encoding))
    assert read_register(tmp_path / "saved.csv") == read_register(tmp_path / "plain.csv")


def test_a_value_with_a_decimal_comma_is_that_value(tmp_path: Path) -> None:
    saved = written(tmp_path / "r.csv", HEAD, row("a", value="VALUE")).read_text()
    saved = saved.replace(",", ";").replace("VALUE", "0,52")
    (tmp_path / "r.csv").write_text(saved)
    assert read_register(tmp_path / "r.csv")["a"]["value"] == "0.52"


def test_an_id_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "r.csv", HEAD, row("a"), row("b"), row("a"), row("a", id=""))
    found = told(path)
    assert [key for key, _ in found] == ["line 4, id", "line 5, id"]
    assert found[0][1].startswith('"a" is the id of line 2 as well. Keep one of the two')
    assert found[1][1].startswith("this row has no id.")


def test_the_line_is_that_of_the_file_where_cells_hold_line_breaks(tmp_path: Path) -> None:
    path = written(tmp_path / "r.csv", HEAD, row("a", note='"two\nlines"'), "", row("a"))
    assert [key for key, _ in told(path)] == ["line 5, id"]


@pytest.mark.parametrize(
    ("lines", "key", "wrong"),
    [
        ((), "", "the register is empty. Its first line names the columns: id, figure, value"),
        (
            (HEAD.replace("status", "staus"), row("a")),
            "line 1, status",
            'the register has no such column. Did you mean "staus"?',
        ),
        ((HEAD, "a,figure,1"), "line 2", "this line has 3 cells, not 10."),
        ((HEAD, row("a") + ",more"), "line 2", "this line has 11 cells, not 10."),
        ((f"{HEAD},id", row("a") + ",a"), "line 1, id", "this column is there twice."),
        ((HEAD, row("a", figure='"no end')), "line 2", "a cell that begins here has no end."),
        ((HEAD, row("a", figure="\x1b[2J")), "", "line 2 holds a control character."),
        ((HEAD, row("a", figure="\u202e")), "", "line 2 holds a control character."),
    ],
)
def test_what_is_no_register_is_told_by_its_line(
    tmp_path: Path, lines: tuple[str, ...], key: str, wrong: str
) -> None:
    found = told(written(tmp_path / "r.csv", *lines))
    assert len(found) == 1
    assert found[0][0] == key
    assert found[0][1].startswith(wrong)


def test_a_slip_in_every_line_does_not_fill_the_screen(tmp_path: Path) -> None:
    found = told(written(tmp_path / "r.csv", HEAD, *["a,b"] * 300))
    assert len(found) == MOST_FAULTS + 1
    assert found[0] == ("", f"and {300 - MOST_FAULTS} more lines are not right.")
    assert [key for key, _ in found[1:4]] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize("content", [b"PK\x03\x04\xff\xfe\x00\x01", b"\x89PNG\r\n\x1a\n\0\0"])
def test_a_workbook_or_a_picture_is_no_register(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    [(_, wrong)] = told(tmp_path / "r.csv")
    assert wrong.startswith("this is not a text file. Save it as CSV in UTF-8")


@pytest.fixture
def study(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of the toy area with a register of its own, which is the current folder."""
    shutil.copytree(toy, tmp_path / "models" / "toy")
    (tmp_path / "calibration").mkdir()
    shutil.copy(REGISTER, tmp_path / "calibration")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "models/toy"],
        ["evidence"],
        ["evidence", "gdp_deflator"],
        ["explain", "file_ready", "--model", "models/toy"],
    ],
)
def test_every_command_tells_what_is_wrong_with_the_register_once(
    study: Path, arguments: list[str]
) -> None:
    file = study / "calibration" / "register.csv"
    text = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*text, "gdp_deflator,Prices,1.1", text[1]]), encoding="utf-8")
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2, done.output
    assert done.stderr == (
        "calibration/register.csv\n"
        f'  "line {len(text) + 1}": this line has 3 cells, not 10. Give one for each column, empty '
        "ones too; a cell that holds a comma stands between quotation marks.\n"
        "1 fault. Nothing was run.\n"
    )


def test_a_series_is_read_as_a_spreadsheet_saves_it_and_its_faults_have_lines(
    tmp_path: Path,
) -> None:
    shipped = ROOT / "calibration" / "series" / "crown_quarterly.csv"
    text = with_semicolons(shipped.read_text(encoding="utf-8"))
    (tmp_path / "series.csv").write_bytes(text.encode("utf-8-sig"))
    known = read_published(shipped)
    assert read_published(tmp_path / "series.csv") == known
    written(
        tmp_path / "wrong.csv",
        "quarter_end,open_cases",
        "2013-06-31,5",
        "2013-09-30,many",
        "2013-12-31,nan",
        "2014-03-31,1e400",
    )
    with pytest.raises(Faults) as found:
        read_published(tmp_path / "wrong.csv")
    assert [fault.key for fault in found.value.faults] == [
        "line 2, quarter_end",
        "line 3, open_cases",
        "line 4, open_cases",
        "line 5, open_cases",
    ]


def test_an_ensemble_is_read_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    plain = written(
        tmp_path / "e.csv", "set,branches.a.probability,implausibility", "1,0.25,2.5", "2,0.75,1.5"
    )
    known = read_ensemble(plain)
    saved = tmp_path / "saved.csv"
    saved.write_text(
        plain.read_text()
        .replace(",", ";")
        .replace(".", ",")
        .replace("branches,a,probability", "branches.a.probability")
    )
    assert read_ensemble(saved).sets == known.sets
    written(plain, "set,branches.a.probability,implausibility", "1,x,2.5", "2,0.75")
    with pytest.raises(Faults) as found:
        read_ensemble(plain)
    assert [fault.key for fault in found.value.faults] == [
        "line 2, branches.a.probability",
        "line 3",
    ]
