"""The register of reforms as text and as a page of the guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cjsim.formatting.numbers import NOTHING, number, span, two_ends
from cjsim.formatting.tables import text_table
from cjsim.measures.intervals import FEWEST_DIFFERING
from cjsim.reforms.agreement import LEAST_SHARE, MOST_SHARE, Difference, Held
from cjsim.reforms.register import Entry, Key
from cjsim.schema.reform import GRADES

UNITS = {"per cent": "%", "points": "points", "own unit": "", None: ""}


def register_text(entries: Sequence[Entry]) -> str:
    """A line for each effect: the reform, its grade, what was published, what the model says."""
    lines = []
    for entry in entries:
        rows = [(one.published.says, _model(one), one.word) for one in entry.effects]
        if not rows:
            rows = [("nothing", _watched(entry), entry.word)]
        for place, (published, model, word) in enumerate(rows):
            name, grade = (entry.reform.name, entry.reform.grade) if place == 0 else ("", "")
            lines.append([name, grade, published, model, word])
    headings = ["reform", "grade", "published", "the model says (95 % interval)", ""]
    grades = "; ".join(f"{letter} {means}" for letter, means in GRADES.items())
    return f"{text_table(headings, lines, numbers=set())}\n\nGrades: {grades}."


def register_page(entries: Sequence[Entry], command: str) -> str:
    """The page in Markdown; `command` is what writes it."""
    lines = [
        "# Reforms: what was published, and what the model says",
        "",
        f"This page is written by `{command}` from the files of",
        "[`experiments/`](../experiments) and from runs of them. A published effect is never a",
        "setting: it is held against what follows from the levers.",
        "",
        "The model **agrees** when its 95 % interval lies on the published side of nought and",
        f"its size is between {LEAST_SHARE:g} and {MOST_SHARE:g} times the published one, or the",
        "published one lies in the interval; **partly** when the direction is right and not the",
        "size, when the published size is of something that the model does not measure, or when",
        "only some of several effects agree; **does not** when it goes another way or not",
        f"clearly; **too few replications** when fewer than {FEWEST_DIFFERING} were run, for no",
        "direction can be told from them. One small run is not a verdict on a reform: intervals",
        "are wide, a reform of the end of the line shows late, and many levers are marked",
        "assumptions. Costs are of the period that was run, without what funds pay for outcomes.",
        "",
        *(f"Grade {letter}: {means}.  " for letter, means in GRADES.items()),
        "",
        "| reform | grade | published | the model says | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for entry in entries:
        rows = [(one.published.says, _model(one)) for one in entry.effects]
        published = "<br>".join(says for says, _ in rows) or "nothing"
        model = "<br>".join(said for _, said in rows) or _watched(entry)
        name = f"[{entry.reform.name}](../experiments/{entry.stem}.toml)"
        lines.append(
            f"| {name} | {entry.reform.grade} | {published} | {model} | **{entry.word}** |"
        )
    lines += ["", "## Each of them", ""]
    for entry in entries:
        lines += _about(entry)
    return "\n".join(lines).rstrip() + "\n"


def _about(entry: Entry) -> list[str]:
    reform = entry.reform
    whence = "not run" if entry.said is None else f"from {entry.said.whence}"
    lines = [
        f"### {reform.name}",
        "",
        reform.rationale,
        "",
        f"- Where and when: {reform.began}. Grade {reform.grade}; source `{reform.source}`.",
        f"- Who pays for it: {reform.costs}.",
        f"- The model: {whence}.",
    ]
    for one in entry.effects:
        effect = one.published
        note = f" ({effect.note})" if effect.note else ""
        lines.append(f"- *{effect.says}*{note}: `{effect.where}` {_model(one)}: **{one.word}**.")
    return [*lines, *_costs(entry), ""]


def _costs(entry: Entry) -> list[str]:
    """What all agencies pay for it or save by it: a reform that fails has this and nothing else."""
    key: Key = ("cost_gbp", "all", "")
    if entry.said is None or key not in entry.said.differences:
        return []
    said = _difference(key, entry.said.differences[key], entry.said.units[key[0]])
    return [f"- All agencies together, in pounds over that time: {said.removeprefix('cost_gbp ')}."]


def _model(one: Held) -> str:
    """The model's size with its interval, in the published unit."""
    if one.size is None:
        return "not run"
    unit = UNITS[one.published.unit]
    said = f"{_figure(one.size)}{' ' if unit else ''}{unit}"
    if one.low is None or one.high is None:
        return said
    return f"{said} ({two_ends(one.low, one.high, _figure)})"


def _figure(value: float, finer: int = 0) -> str:
    if value == 0:
        return "0"
    return f"{value:+,.{finer + (2 if abs(value) < 10 else 0)}f}"


def _watched(entry: Entry) -> str:
    if entry.said is None:
        return "not run"
    units: Mapping[str, str] = entry.said.units
    said = [_difference(key, difference, units[key[0]]) for key, difference in entry.watched]
    return "; ".join(one for one in said if one) or "no difference"


def _difference(key: Key, difference: Difference, unit: str) -> str:
    if difference["difference"] is None:
        return ""
    middle = number(difference["difference"], unit, signed=True)
    ends = span(difference["low"], difference["high"], unit)
    return f"{key[0]} {middle}" + ("" if ends == NOTHING else f" ({ends})")
