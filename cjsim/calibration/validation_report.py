"""The validation report: every target beside its simulated value, on a terminal and as pages.

Targets outside their band are red, with the reason. A section adds a table below the targets,
such as the errors of a back-cast.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from cjsim.calibration.targets import load_targets, targets_path
from cjsim.calibration.validate import BLIND, FITTED, SEEN, SHAPE, Check
from cjsim.experiment.notices import replications_text
from cjsim.formatting.numbers import NOTHING, number, span
from cjsim.formatting.tables import text_table
from cjsim.schema.files import study_path
from cjsim.storage.outputs import output_folder, write_output
from cjsim.storage.tables import write_table
from cjsim.storage.whole import write_text

NO_REASON: Final = "no reason is known yet."
"""The reason shown for a miss without an explanation."""


def checks_text(checks: Sequence[Check]) -> str:
    """Published, allowed and simulated figures in a table, and the number of targets met."""
    headings = (
        "target",
        "unit",
        "published",
        "allowed",
        "simulated",
        "95 % interval",
        "z",
        "use",
        "in or out",
    )
    rows = []
    for check in checks:
        *cells, verdict = cells_of(check)
        rows.append((*cells, check.use, verdict))
    replications = max((check.n for check in checks), default=0)
    lines = [text_table(headings, rows, numbers={2, 3, 4, 5, 6}), ""]
    lines += [
        f"{check.title}: {check.when_out or NO_REASON}" for check in checks if not check.inside
    ]
    lines.append(f"{summary_of(checks)[:-1]}; {replications_text(replications)}.")
    return "\n".join(lines)


def summary_of(checks: Sequence[Check]) -> str:
    """The number of targets met, by use."""
    inside = sum(check.inside for check in checks)
    half = sum(check.inside_half for check in checks)
    uses = list(dict.fromkeys(check.use for check in checks))
    parts = [
        f"{sum(check.inside for check in checks if check.use == use)} of "
        f"{sum(check.use == use for check in checks)} {_named(use)}"
        for use in uses
    ]
    apart = f" ({', '.join(parts)})" if len(uses) > 1 else ""
    return f"{inside} of {len(checks)} targets in{apart}; {half} within half of their tolerance."


def _named(use: str) -> str:
    return {"fit": "fitted", "shape": "of shapes"}.get(use, use)


def cells_of(check: Check) -> tuple[str, ...]:
    """Title, unit, published, allowed, simulated, interval, z, and in or out."""
    unit = check.unit
    published = check.published if isinstance(check.published, tuple) else (check.published,)
    interval = span(check.from_, check.to, unit, signed=False)
    if math.isfinite(check.high):
        allowed = f"{number(check.low, unit)} to {number(check.high, unit)}"
    else:
        allowed = f"at least {number(check.low, unit)}"
    return (
        check.title,
        unit,
        " to ".join(number(value, unit) for value in published),
        allowed,
        number(check.mean, unit),
        interval,
        f"{round(check.z, 1) + 0.0:+.1f}" if math.isfinite(check.z) else NOTHING,
        _verdict(check),
    )


def _verdict(check: Check) -> str:
    if not math.isfinite(check.mean):
        return "out (no value)"
    parts = ["in" if check.inside else "OUT"]
    parts += ["within half"] if check.inside_half else []
    parts += ["at the edge"] if check.at_the_edge else []
    return ", ".join(parts)


FILES: Final = ("scoreboard.md", "scoreboard.html", "scoreboard.parquet")
"""The files of a scoreboard folder."""

RED: Final = "#B10E1E"
HEADINGS: Final = (
    "figure",
    "unit",
    "published",
    "allowed",
    "simulated",
    "95 % interval",
    "z",
    "in or out",
)
_NUMBERS: Final = range(2, 7)
_SHAPES: Final = "Shapes: distributions fitted to published figures"
_SEEN: Final = "Seen: not fitted, but looked at while numbers were changed"
_BLIND: Final = "Blind: not looked at while numbers were changed"
_HEADINGS_OF_SHAPES: Final = (*HEADINGS[:2], "fitted", *HEADINGS[3:])


@dataclass(frozen=True)
class Section:
    """A further table; `failed` are the indices of rows shown in red."""

    title: str
    text: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    failed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Scoreboard:
    """The content of a validation report."""

    title: str
    about: str
    command: str
    checks: Sequence[Check]
    sections: Sequence[Section] = ()


def scoreboard_of(
    model: Path, checks: Sequence[Check], *, years: int = 1, sections: Sequence[Section] = ()
) -> Scoreboard:
    """The scoreboard of a model's checks. Raises Faults when its targets cannot be read."""
    targets = load_targets(targets_path(model))
    count = max((check.n for check in checks), default=0)
    length = "" if years == 1 else f" --years {years}"
    shown = study_path(model)
    about = (
        f"{count} replications from {targets.run.from_}, seed {targets.run.seed}, "
        f"{'one year' if years == 1 else f'{years} years'} after the warm-up."
    )
    command = f"cjsim validate {shown}{length}"
    return Scoreboard(targets.title, about, command, checks, sections)


def write_markdown(board: Scoreboard, path: Path) -> Path:
    """The scoreboard as a page of the docs."""
    write_output(markdown(board), path, "scoreboard")
    return path


def write_folder(board: Scoreboard, folder: Path) -> Path:
    """The scoreboard as Markdown, as HTML, and as Parquet."""
    with output_folder(folder, "scoreboard") as partial:
        write_text(markdown(board), partial / FILES[0])
        write_text(page(board), partial / FILES[1])
        write_table(table(board), partial / FILES[2])
    return folder


def table(board: Scoreboard) -> pa.Table:
    """The checks as a table, one row each."""
    rows: list[dict[str, object]] = []
    for check in board.checks:
        published = (
            check.published if isinstance(check.published, tuple) else (check.published,) * 2
        )
        rows.append(
            {
                "id": check.id,
                "title": check.title,
                "use": check.use,
                "unit": check.unit,
                "published_low": float(published[0]),
                "published_high": float(published[1]),
                "allowed_low": check.low,
                "allowed_high": _known(check.high),
                "simulated": _known(check.mean),
                "interval_low": _known(check.from_),
                "interval_high": _known(check.to),
                "z": _known(check.z),
                "inside": check.inside,
                "inside_half": check.inside_half,
                "replications": check.n,
                "vintage": check.vintage,
                "counting_unit": check.counting_unit,
                "source": check.source,
                "why": "" if check.inside else check.when_out,
            }
        )
    return pa.Table.from_pylist(rows)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def groups_of(board: Scoreboard) -> list[tuple[str, list[Check]]]:
    """The checks by use, with their headings."""
    titles = {FITTED: "Fitted", SEEN: _SEEN, BLIND: _BLIND, SHAPE: _SHAPES}
    order = [*titles, *sorted({check.use for check in board.checks} - set(titles))]
    uses = [use for use in order if any(check.use == use for check in board.checks)]
    return [
        (titles.get(use, "Compared"), [check for check in board.checks if check.use == use])
        for use in uses
    ]


def _headings_of(title: str) -> Sequence[str]:
    """The headings of a table of checks; a shape compares with a fitted figure."""
    return _HEADINGS_OF_SHAPES if title == _SHAPES else HEADINGS


# --- as Markdown ------------------------------------------------------------------------------


def markdown(board: Scoreboard) -> str:
    """The scoreboard as Markdown: a red mark on misses, with the reason below the table."""
    lines = [
        f"# Scoreboard: {board.title}",
        "",
        f"Written by `make scoreboard` (`{board.command}`); do not edit. {board.about}",
        "",
        summary_of(board.checks),
        "",
        *EXPLAINED,
    ]
    for title, checks in groups_of(board):
        lines += [
            "",
            f"## {title}",
            "",
            *_markdown_table(
                _headings_of(title), [_marked(cells_of(check), check) for check in checks], _NUMBERS
            ),
        ]
        out = [check for check in checks if not check.inside]
        if out:
            lines += ["", *(f"- 🔴 **{check.title}**: {_why(check)}" for check in out)]
        lines += ["", *_sources(checks)]
    for section in board.sections:
        rows = [
            [f"🔴 {row[0]}", *row[1:]] if index in section.failed else list(row)
            for index, row in enumerate(section.rows)
        ]
        lines += ["", f"## {section.title}", "", section.text, ""]
        lines += _markdown_table(section.headings, rows, range(1, len(section.headings)))
    return "\n".join(lines) + "\n"


EXPLAINED: Final = (
    "Allowed is the published figure with its tolerance. z is how far the simulated mean lies from",
    "the middle of what is allowed, in thirds of the way to its edge (so 3 is the edge), chance in",
    "the mean counted. The interval is Student's, over the replications. Within half: with half",
    "of the tolerance on either side of what is published it would be in as well.",
)


def _marked(cells: Sequence[str], check: Check) -> list[str]:
    return list(cells) if check.inside else [*cells[:-1], f"🔴 **{cells[-1]}**"]


def _why(check: Check) -> str:
    why = check.when_out or NO_REASON
    return why[:1].upper() + why[1:]


def _markdown_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: range
) -> list[str]:
    marks = ["---:" if index in numbers else "---" for index in range(len(headings))]
    return [
        f"| {' | '.join(headings)} |",
        f"| {' | '.join(marks)} |",
        *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows),
    ]


def _sources(checks: Sequence[Check]) -> list[str]:
    return [f"- {check.title}: {_provenance(check)}" for check in checks]


def _provenance(check: Check) -> str:
    """The source, counting unit and period of a figure."""
    parts = [check.source, check.counting_unit, check.vintage]
    return "; ".join(part for part in parts if part) + "."


# --- as a page --------------------------------------------------------------------------------

STYLE: Final = f"""
body {{ font-family: Arial, "Liberation Sans", sans-serif; color: #0B0C0C; max-width: 72rem;
       margin: 2rem auto; padding: 0 1rem; line-height: 1.4; }}
table {{ border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: 0.92rem; }}
th, td {{ text-align: left; padding: 0.35rem 0.6rem; border-bottom: 1px solid #D9D9D9;
          vertical-align: top; }}
th.number, td.number {{ text-align: right; white-space: nowrap; }}
tr.out td {{ color: {RED}; font-weight: bold; }}
tr.why td {{ color: {RED}; padding-top: 0; }}
caption {{ text-align: left; font-weight: bold; font-size: 1.15rem; padding: 0.5rem 0; }}
details {{ font-size: 0.9rem; }}
"""


def page(board: Scoreboard) -> str:
    """The scoreboard as one HTML file that needs no network."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Scoreboard: {html.escape(board.title)}</title><style>{STYLE}</style></head>",
        f"<body><h1>Scoreboard: {html.escape(board.title)}</h1>",
        f"<p>{html.escape(board.about)} <code>{html.escape(board.command)}</code></p>",
        f"<p><strong>{html.escape(summary_of(board.checks))}</strong></p>",
        f"<p>{html.escape(' '.join(EXPLAINED))}</p>",
    ]
    for title, checks in groups_of(board):
        parts += [
            f"<table><caption>{title}</caption>",
            _head(_headings_of(title), _NUMBERS),
            "<tbody>",
        ]
        for check in checks:
            parts.append(_row(cells_of(check), _NUMBERS, out=not check.inside))
            if not check.inside:
                width = len(HEADINGS)
                why = html.escape(_why(check))
                parts.append(f'<tr class="why"><td colspan="{width}">{why}</td></tr>')
        listed = "".join(f"<li>{html.escape(line[2:])}</li>" for line in _sources(checks))
        parts += ["</tbody></table>", f"<details><summary>Sources</summary><ul>{listed}</ul>"]
        parts.append("</details>")
    for section in board.sections:
        numbers = range(1, len(section.headings))
        caption = f"<table><caption>{html.escape(section.title)}</caption>"
        parts += [caption, _head(section.headings, numbers), "<tbody>"]
        parts += [
            _row(row, numbers, out=index in section.failed)
            for index, row in enumerate(section.rows)
        ]
        parts += ["</tbody></table>", f"<p>{html.escape(section.text)}</p>"]
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _head(headings: Sequence[str], numbers: range) -> str:
    cells = "".join(
        f'<th scope="col"{_class(index, numbers)}>{html.escape(heading)}</th>'
        for index, heading in enumerate(headings)
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _row(cells: Sequence[str], numbers: range, *, out: bool) -> str:
    inner = "".join(
        f"<td{_class(index, numbers)}>{html.escape(cell)}</td>" for index, cell in enumerate(cells)
    )
    return f'<tr class="out">{inner}</tr>' if out else f"<tr>{inner}</tr>"


def _class(index: int, numbers: range) -> str:
    return ' class="number"' if index in numbers else ""
