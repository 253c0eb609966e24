"""Files that no extract is: a message, and neither much time nor much memory."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cjsim.calibration.fitting.extract_reader import LONGEST_LINE, read_extract, table_rows
from cjsim.errors import Faults

HEADER = "charged,first_listed\n"
GOOD = "2014-01-01,2014-01-20\n"


def faults(path: Path) -> str:
    with pytest.raises(Faults) as raised, little_memory():
        read_extract(path)
    return raised.value.report()


@contextmanager
def little_memory() -> Iterator[None]:
    """The block must not hold more than 60 MB at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "cases.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes with names are POSIX")
@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = Path("/dev/zero")
    if kind == "pipe":
        path = tmp_path / "pipe"
        os.mkfifo(path)
    elif kind == "folder":
        path = tmp_path
    told = faults(path)
    wanted = "is a directory" if kind == "folder" else "this is a pipe or a device, and no file."
    assert wanted in told


def test_what_is_larger_than_allowed_is_told_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + GOOD * 2000)
    with pytest.raises(Faults, match="the file is larger than 0 MB"):
        list(table_rows(path, "extract", largest_bytes=20_000))


def test_a_file_of_two_gigabytes_of_nothing_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER)
    os.truncate(path, 2_000_000_000)
    assert '"line 2": this line holds a character 0.' in faults(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEADER + "2014-01-01," + "x" * 1_000_000 + "\n", "longer than 100,000 characters"),
        (HEADER + "2014-01-01," + "x" * 5_000 + "\n", "holds more than 1,000 characters"),
        ("x" * 3_000_000, "longer than 100,000 characters"),
        (HEADER + '"' + ("x" * 90 + "\n") * 20_000, "a quotation mark that is not closed"),
        (HEADER + "2014-01-01,2014-\0001-20\n", "this line holds a character 0"),
        (",".join(f"c{n}" for n in range(10_000)) + "\n" + GOOD, "more than 200 columns"),
        (HEADER + GOOD.strip() + "," * 10_000 + "\n", "more or fewer cells than the first"),
        (",".join(f"n{n}" for n in range(150)) + "\n" + GOOD, "138 more columns are not"),
        ("charged;first_listed\n" + GOOD, "not set apart by commas"),
        (HEADER.encode("utf-16"), "not a text file"),
        (HEADER.encode() + b"2014-01-01,\xe9t\xe9\n", "not a text file"),
        (b"", "no column holds a length of time"),
        (b"\n\n\n", "no column holds a length of time"),
    ],
    ids=lambda value: str(value)[:25] if isinstance(value, str) else "bytes",
)
def test_a_file_that_no_extract_is_gets_a_message(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    path = written(tmp_path, text)
    assert told in faults(path)


def test_a_message_is_short_however_many_lines_are_wrong(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "soon,later\n2014-01-01,2014-01-20\n" * 300)
    told = faults(path)
    assert "and 260 more" in told
    assert len(told) < 2000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_of_the_usual_ways(tmp_path: Path, end: str) -> None:
    path = written(tmp_path, (HEADER + GOOD * 3).replace("\n", end))
    assert len(read_extract(path)[0].spells["charge_to_first_listing"]) == 3


def test_lines_may_end_in_several_ways_and_begin_with_a_mark(tmp_path: Path) -> None:
    text = "\ufeffcharged,first_listed\r\n2014-01-01,2014-01-20\n2014-01-01,2014-01-21\r\r\n"
    read, _ = read_extract(written(tmp_path, text + '"2014-01-01","2014-01-22"'))
    assert [spell.length for spell in read.spells["charge_to_first_listing"]] == [19.0, 20.0, 21.0]


def test_a_line_as_long_as_allowed_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a" * (LONGEST_LINE - 1) + "\n")
    with pytest.raises(Faults, match="more than 1,000 characters"):
        list(table_rows(path, "extract"))
