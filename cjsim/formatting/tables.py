"""Tables for a terminal, a file and a Markdown page: one renderer of each kind.

HTML tables are drawn by the `tabled` macro of the report's templates from a `Table`.
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cjsim.formatting.numbers import MINUS

if TYPE_CHECKING:
    from rich.table import Table as RichTable

Rows = Sequence[Sequence[str]]

SHORTEST = 8
"""Words on a terminal are not folded into columns narrower than this."""

LONGEST_NUMBER = 26
"""A cell that begins like a number and is shorter than this stays on one line, an interval too."""


@dataclass(frozen=True)
class Table:
    """A table with its caption: the first column names the rows, each cell is text as shown."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def blocks(self) -> list[tuple[str, list[list[tuple[str, bool]]]]]:
        """The rows of each name together; with each further cell, whether it is a number."""
        return [
            (name, [[(cell, _is_number(cell)) for cell in row[1:]] for row in rows])
            for name, rows in itertools.groupby(self.rows, key=lambda row: row[0])
        ]


def _is_number(cell: str) -> bool:
    """Whether a cell should stay on one line: it begins with a digit, a sign or a pound sign."""
    return cell[:1] in tuple(f"0123456789+\u00a3{MINUS}") and len(cell) < LONGEST_NUMBER


def text_table(headings: Sequence[str], rows: Rows, numbers: Collection[int]) -> str:
    """A table for standard output, plain when piped; columns in `numbers` are right-aligned."""
    from rich import box
    from rich.console import Console

    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    if not sys.stdout.isatty():
        # As wide as it must be: what is piped is neither folded nor cut.
        console = Console(width=sum(widths) + 2 * len(widths), height=24, color_system=None)
        table = _rich_table(headings, rows, numbers, widths)
        table.box, table.padding = None, (0, 2, 0, 0)
    else:
        columns = shutil.get_terminal_size((120, 24)).columns
        least = (
            width if column in numbers else min(width, SHORTEST)
            for column, width in enumerate(widths)
        )
        if sum(least) + 2 * len(widths) > columns:
            return _stacked(headings, rows, columns, numbers)
        console = Console(width=columns, height=24)  # both, or a plain terminal has 80 columns
        table = _rich_table(headings, rows, numbers, widths)
        table.box, table.padding = box.SIMPLE_HEAD, (0, 1, 0, 0)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))


def _rich_table(
    headings: Sequence[str], rows: Rows, numbers: Collection[int], widths: Sequence[int]
) -> RichTable:
    from rich.table import Table as RichTable
    from rich.text import Text

    table = RichTable(pad_edge=False)
    for column, heading in enumerate(headings):
        # Words may be folded; a number that is cut in two is another number.
        table.add_column(
            Text(heading),
            justify="right" if column in numbers else "left",
            overflow="fold",
            min_width=widths[column] if column in numbers else None,
            no_wrap=column in numbers,
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: "[x]" in a name is not markup
    return table


def _stacked(headings: Sequence[str], rows: Rows, width: int, numbers: Collection[int]) -> str:
    """The rows one below the other, each cell after its heading: for a narrow terminal."""
    lines = []
    for first, *rest in rows:
        lines += ["", f"{headings[0]}: {first.strip()}" if 0 in numbers else first]
        line = " "
        for heading, cell in zip(headings[1:], rest, strict=True):
            item = f" {heading}: {cell.strip()};"
            if len(line) + len(item) > width and line.strip():
                lines.append(line)
                line = " "
            line += item
        lines.append(line.removesuffix(";"))
    return "\n".join(lines[1:])


def markdown_table(headings: Sequence[str], rows: Rows, numbers: Collection[int] = ()) -> str:
    """A table in Markdown; columns in `numbers` are right-aligned, a bar in a cell is escaped."""
    rule = ["---:" if column in numbers else "---" for column in range(len(headings))]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, rule, *cells))
