"""The flow diagram: the steps of the journey as cards, with shares and waits from the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cjsim.des.log_reader import read_minutes
from cjsim.experiment.logs import logs_of
from cjsim.experiment.plan import Task
from cjsim.formatting import numbers
from cjsim.formatting.labels import milestones, title_of
from cjsim.formatting.tables import Table
from cjsim.formatting.words import listed
from cjsim.jurisdiction import vocabulary
from cjsim.report import style
from cjsim.report.board.page import FlowDiagram
from cjsim.report.data import ResultsFolder
from cjsim.report.journey_code import Card, Item, journey_cards, module_title

MOST_LOGS = 5
"""Replications whose logs are read: the shares are to be seen, not judged."""

WIDE, GAP, MARGIN = 262, 14, 12
LINE, SMALL, PAD = 14, 12, 7
LETTERS, LETTERS_SMALL = 43, 47
MOST_LINES = 6
"""The lines of one item: enough for the multi-way branch with the most options."""
COLUMNS = 7

SIGNS: Final = {
    "stage": "\u25a0",
    "hearing": "\u25cf",
    "branch": "\u25c7",
    "choice": "\u2756",
    "duty": "\u2709",
    "mark": "\u25aa",
    "end": "\u25fc",
    "next": "\u2192",
}
KEY: Final = (
    ("stage", "work or a wait"),
    ("hearing", "a hearing"),
    ("branch", "a branch, with its chance"),
    ("choice", "a multi-way branch"),
    ("duty", "contact with the victim or a witness"),
    ("mark", "a milestone in the log"),
    ("end", "the case ends"),
    ("next", "the step that follows"),
)
COLOURS: Final = {
    "stage": style.NAVY,
    "hearing": style.PLUM,
    "branch": style.INK,
    "choice": style.INK,
    "duty": style.DARK_TEAL,
    "mark": style.DARK_GREY,
    "end": style.INK,
    "next": style.DARK_GREY,
}


@dataclass(frozen=True)
class Seen:
    """What the log has of an activity: of 1,000 cases, how many; the mean stay in minutes."""

    per_thousand: float
    minutes: float


@dataclass(frozen=True)
class Text:
    """A line of the drawing: where it starts, what it says, and how it looks."""

    text: str
    colour: str
    size: int
    bold: bool = False
    inset: int = 0


def flow_diagram_of(results: ResultsFolder) -> FlowDiagram:
    """The diagram with the baseline's numbers; without logs, with the probabilities as set."""
    source = results.source
    tasks = [Task(results.baseline, number, source.area) for number in range(MOST_LOGS)]
    logs = logs_of(source.folder, source.manifest)
    available = [task for task in tasks if (logs.folder_of(task) / "events.parquet").exists()]
    logs.refuse_wrong(available, ("events", "cases"), source.trust)
    seen = seen_in_logs([logs.folder_of(task) for task in available])
    return draw_flow_diagram(seen, results.background.chances, results.background.area)


def seen_in_logs(folders: Sequence[Path]) -> dict[str, Seen]:
    """Every activity of some replications' logs, over the whole of each; empty where none is."""
    cases, sums_of = 0, dict[str, list[float]]()
    for folder in folders:
        cases += pq.read_metadata(folder / "cases.parquet").num_rows
        log = folder / "events.parquet"
        events = read_minutes(log, ["case_id", "activity", "queued_at", "ended_at"])
        events = events.set_column(1, "activity", events["activity"].cast(pa.string()))
        stays = pc.subtract(events["ended_at"], events["queued_at"])
        stays = pc.if_else(pc.greater_equal(events["ended_at"], 0), stays, None)
        events = events.append_column("stay", stays.cast(pa.float64()))
        table = events.group_by("activity").aggregate(
            [("case_id", "count_distinct"), ("stay", "sum"), ("stay", "count")]
        )
        for row in table.to_pylist():
            sums = sums_of.setdefault(row["activity"], [0.0, 0.0, 0.0])
            sums[0] += row["case_id_count_distinct"]
            sums[1] += row["stay_sum"] or 0.0
            sums[2] += row["stay_count"]
    return {
        word: Seen(1000 * of / cases, total / count if count else float("nan"))
        for word, (of, total, count) in sorted(sums_of.items())
        if cases
    }


def draw_flow_diagram(
    seen: Mapping[str, Seen], chances: Mapping[str, str], area: str = ""
) -> FlowDiagram:
    """The diagram as SVG, its words, and the same as a table."""
    cards = journey_cards()
    numbers = {card.key: index for index, card in enumerate(cards, 1)}
    blocks = [_block(card, numbers, seen, chances) for card in cards]
    columns = _columns(cards, blocks)
    body: list[str] = []
    lowest = 0.0
    for position, column in enumerate(columns):
        x = MARGIN + position * (WIDE + GAP)
        y = 64.0
        for at in column:
            y = _draw_card(body, cards[at], blocks[at], x, y, first=_is_first(cards, column, at))
        lowest = max(lowest, y)
    width, height = MARGIN * 2 + len(columns) * (WIDE + GAP) - GAP, lowest + MARGIN
    where = f", {area}" if area else ""
    title = f"The steps of a case{where}: {len(cards)}"
    words_of_it = _alternative(cards, seen)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}" '
        f'viewBox="0 0 {width} {height:g}" role="img" '
        f'font-family="{style.FONT_FAMILY}">'
    )
    drawing = "\n".join(
        [
            head,
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(words_of_it)}</desc>",
            f'<rect width="{width}" height="{height:g}" fill="white"/>',
            _line(Text(title, style.NAVY, 17, bold=True), MARGIN, 24),
            *_key(),
            *body,
            "</svg>",
            "",
        ]
    )
    return FlowDiagram(drawing.encode(), words_of_it, _table(cards, numbers, seen, chances))


# --- the words of a card --------------------------------------------------------------------


def _block(
    card: Card, numbers: Mapping[str, int], seen: Mapping[str, Seen], chances: Mapping[str, str]
) -> list[Text]:
    """The lines of a card, its title first."""
    title = f"{numbers[card.key]} {title_of(card.name)}"
    lines = [Text(line, style.INK, LINE - 2, bold=True) for line in _wrapped(title, LETTERS - 4, 2)]
    says = _wrapped(card.says, LETTERS_SMALL, 3) if card.says else []
    lines += [Text(line, style.DARK_GREY, SMALL - 2) for line in says]
    for item in card.items:
        text = _told(item, numbers, seen, chances)
        for index, line in enumerate(_wrapped(text, LETTERS, MOST_LINES)):
            lines.append(Text(line, COLOURS[item.kind], SMALL - 1, inset=4 if index == 0 else 16))
    return lines


def _told(
    item: Item, numbers: Mapping[str, int], seen: Mapping[str, Seen], chances: Mapping[str, str]
) -> str:
    """An item in words, with what the log or the model says of it."""
    sign = SIGNS[item.kind]
    if item.kind == "next":
        name = item.word.partition(".")[2]
        return f"{sign} {numbers[item.word]} {title_of(name)}"
    text = f"{sign} {title_of(item.word)}"
    if item.kind == "branch":
        return f"{text}?" + (f" set to {chances[item.word]}" if item.word in chances else "")
    if item.kind == "choice":
        options = vocabulary().options[item.word]
        return f"{text}: {', '.join(title_of(option).lower() for option in options)}"
    counts = seen.get(item.word)
    if item.kind == "end" or counts is None:
        return text
    numbers_of_it = f"{text}: {_count(counts.per_thousand)} in 1,000"
    moment = item.kind == "mark" or not counts.minutes >= 1
    return numbers_of_it if moment else f"{numbers_of_it}, {_duration(counts.minutes)}"


def _count(value: float) -> str:
    return numbers.plain(value, 0) if value >= 1 else "fewer than 1"


def _duration(minutes: float) -> str:
    """A mean stay in the unit that suits it."""
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"


def _wrapped(text: str, width: int, most: int) -> list[str]:
    return style.shorten_lines(text, width, most)


# --- where it is drawn ----------------------------------------------------------------------


def _height(block: Sequence[Text]) -> float:
    return PAD * 2 + sum(line.size + 3.5 for line in block) + 8


def _columns(cards: Sequence[Card], blocks: Sequence[list[Text]]) -> list[list[int]]:
    """The cards in their order, filled into columns of about one height."""
    heights = [_height(block) for block in blocks]
    most = sum(heights) / COLUMNS * 1.03 + float(np.max(heights)) / 2
    columns: list[list[int]] = [[]]
    filled = 0.0
    for index, height in enumerate(heights):
        if columns[-1] and filled + height > most:
            columns.append([])
            filled = 0.0
        columns[-1].append(index)
        filled += height + (26 if _is_first(cards, columns[-1], index) else 0)
    return columns


def _is_first(cards: Sequence[Card], column: Sequence[int], index: int) -> bool:
    """Whether a card is the first of a module or of a column."""
    return index == column[0] or cards[index].module != cards[index - 1].module


def _draw_card(
    body: list[str], card: Card, block: Sequence[Text], x: float, y: float, *, first: bool
) -> float:
    """Adds a card at a place; returns where the next one goes."""
    if first:
        body.append(f'<rect x="{x:g}" y="{y:g}" width="{WIDE}" height="20" fill="{style.NAVY}"/>')
        body.append(
            _line(Text(module_title(card.module), "white", 12, bold=True), x + PAD, y + 14.5)
        )
        y += 26
    height = _height(block) - 8
    body.append(
        f'<rect x="{x:g}" y="{y:g}" width="{WIDE}" height="{height:g}" fill="#F7F7F7" '
        f'stroke="{style.GREY}"/>'
    )
    at = y + PAD
    for line in block:
        at += line.size + 3.5
        body.append(_line(line, x + PAD + line.inset, at - 3))
    return y + height + 8


def _line(line: Text, x: float, y: float) -> str:
    weight = ' font-weight="bold"' if line.bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{line.size}" fill="{line.colour}"{weight}>'
        f"{escape(line.text)}</text>"
    )


def _key() -> list[str]:
    drawn, x = [], float(MARGIN)
    for kind, meaning in KEY:
        text = f"{SIGNS[kind]} {meaning}"
        drawn.append(_line(Text(text, COLOURS[kind], 12), x, 46))
        x += 6.2 * len(text) + 22
    return drawn


# --- the same in words ----------------------------------------------------------------------


def _alternative(cards: Sequence[Card], seen: Mapping[str, Seen]) -> str:
    modules = list(dict.fromkeys(module_title(card.module) for card in cards))
    sentences = [
        f"{_count(seen[word].per_thousand)} come to {name}"
        for word, name in milestones()
        if word in seen
    ]
    shares = f" Of 1,000 cases {listed(sentences)}." if sentences else ""
    return (
        f"Cards for the {len(cards)} steps of a case\u2019s journey, from {modules[0].lower()} to "
        f"{modules[-1].lower()}, each with its activities and decisions in order.{shares} The "
        "table below has the same content."
    )


def _table(
    cards: Sequence[Card],
    numbers: Mapping[str, int],
    seen: Mapping[str, Seen],
    chances: Mapping[str, str],
) -> Table:
    rows = [
        (
            f"{numbers[card.key]} {title_of(card.name)}",
            module_title(card.module),
            "; ".join(_told(item, numbers, seen, chances)[2:] for item in card.items),
        )
        for card in cards
    ]
    return Table("Every step of a case, in order", ("Step", "Where", "What happens"), tuple(rows))
