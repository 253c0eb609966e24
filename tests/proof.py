"""Write what all tests and benchmarks came to as a page: each promise, its test, its figure.

    python -m tests.proof FOLDER PAGE

`FOLDER` holds pytest's JUnit files and the benchmarks' texts, as `make proof` leaves them there. A
test's name is the promise; what it told with the fixture `figure` stands beside it. If a promise
was not held, the exit code is 1.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOMS = {
    "theory": "The engine's queues against theory",
    "recovery": "Statistics find what is known to be there",
    "laws": "Laws that every run obeys",
    "golden": "Results that do not change unnoticed",
    "backtest": "The past, foretold",
    "browser": "The Board's page in a real browser",
    "house": "What the project demands of itself",
}
"""The folders of tests that have promises, in the order of the page."""

FILES = {
    "The road of a case, step by step": (
        "test_case",
        "test_listing_policy",
        "test_custody_journey",
        "test_contact",
        "test_channels",
        "test_readiness",
        "test_time_limit",
        "test_attendance",
    ),
    "Experiments: what is compared, how often it is run, what is said": (
        "test_comparison",
        "test_experiment_precision",
        "test_experiment_run",
        "test_experiment_unread",
        "test_ensemble",
        "test_experiment_vary",
    ),
    "Runs that are cut short, files that are broken": (
        "test_experiment_resume",
        "test_experiment_executor",
        "test_broken_files",
        "test_experiment_export",
    ),
    "Figures, fits, calibration and the scoreboard": (
        "test_evidence",
        "test_fitting",
        "test_goodness",
        "test_published_fits",
        "test_extract_cases",
        "test_extract_layout",
        "test_extract_hostile",
        "test_disclosure",
        "test_survival",
        "test_calibration",
        "test_scoreboard",
        "test_backcast",
        "test_opening",
    ),
    "Money and the programme": (
        "test_costs",
        "test_ledger",
        "test_money_slips",
        "test_years",
        "test_reforms",
    ),
    "The Board's pack, the commands and the guide": (
        "test_report_write",
        "test_report_charts",
        "test_report_words",
        "test_report_road",
        "test_guide",
        "test_reference",
        "test_notebooks",
        "test_starter",
        "test_cli",
    ),
}
"""The unit tests that hold a promise by themselves; all others are counted."""

LONGEST, FEW = 220, 3
"""How many characters the figures of a promise may have, and how many of more are shown then."""

NUMBER = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]\d+)?")

HEAD = """# Proof

Each promise of cjsim is a test, and its name says what is promised. This page is what they came to
when `make proof` was last run; figures are those that a test measured itself, with half of a 95 %
interval (theory: 99.9 %) after ±.
"""


@dataclass(frozen=True)
class Promise:
    """One test, or several of one name with different parameters."""

    room: str
    file: str
    words: str
    outcomes: tuple[str, ...]
    figure: str


def promises(files: Sequence[Path]) -> list[Promise]:
    """What stands in pytest's JUnit files, by the folder and name of the test."""
    outcomes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    figures: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for file in files:
        for case in ET.parse(file).getroot().iter("testcase"):  # noqa: S314  # our own pytest's
            _, room, *rest = case.attrib["classname"].split(".")
            name, _, parameters = case.attrib["name"].partition("[")
            key = (room, "/".join(["tests", room, *rest]) + ".py", name)
            outcomes[key].append(outcome(case))
            varied = parameters.removesuffix("]")
            for found in case.iter("property"):
                if found.attrib["name"] == "figure":
                    figures[key].append((varied, found.attrib["value"]))
    return [
        Promise(room, file, sentence(name), tuple(found), joined(figures[room, file, name]))
        for (room, file, name), found in outcomes.items()
    ]


def joined(figures: Sequence[tuple[str, str]]) -> str:
    """The figures of one promise, each with what was varied, as one line that can be read."""
    told = [said for _, said in figures]
    if len(told) > 1 and len(set(told)) == 1:
        return told[0]
    all_of_them = [
        f"{varied.replace('_', ' ')}: {said}" if varied else said for varied, said in figures
    ]
    if len(whole := "; ".join(all_of_them)) <= LONGEST:
        return whole
    if len({NUMBER.sub("", said) for said in told}) == 1:
        columns = zip(*(NUMBER.findall(said) for said in told), strict=True)
        ranges = iter([_range(column) for column in columns])
        return NUMBER.sub(lambda _: next(ranges), told[0])
    return f"{'; '.join(all_of_them[:FEW])}; and {len(told) - FEW} more"


def _range(column: Sequence[str]) -> str:
    ordered = sorted(column, key=lambda number: float(number.replace(",", "")))
    return ordered[0] if ordered[0] == ordered[-1] else f"{ordered[0]} to {ordered[-1]}"


def outcome(case: ET.Element) -> str:
    """`held`, `failed`, or why it was skipped."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    return "held" if skipped is None else f"skipped: {skipped.attrib.get('message', '')}"


def sentence(name: str) -> str:
    """A test's name as the sentence that it is."""
    words = name.removeprefix("test_").replace("_", " ")
    return words[:1].upper() + words[1:]


def chapter(promise: Promise) -> str:
    """Under which heading a promise stands; empty for a single part's."""
    if promise.room in ROOMS:
        return ROOMS[promise.room]
    stem = Path(promise.file).stem
    return next((title for title, stems in FILES.items() if stem in stems), "")


def missing(folder: Path, tests: Path) -> list[str]:
    """The files of slow tests whose results are not in the folder: whoever reads must know."""
    slow = (path for path in sorted(tests.rglob("test_*.py")) if "mark.slow" in path.read_text())
    return [
        f"tests/{path.relative_to(tests)}"
        for path in slow
        if not (folder / "slow" / path.relative_to(tests)).with_suffix(".xml").is_file()
    ]


def page(
    found: Sequence[Promise], bench: str, *, mutants: bool = False, not_run: Sequence[str] = ()
) -> str:
    """The page, in Markdown."""
    more = ["What slips the tests of the statistics would notice: [mutants](mutants.md).\n"]
    names = ", ".join(f"`{one}`" for one in not_run)
    left = [f"Slow tests that were not run for this page: {names}.\n"]
    lines = [
        HEAD,
        *_summary(found),
        *(left if not_run else []),
        *(more if mutants else []),
        *_tables(found),
        *_speed(bench),
    ]
    return "\n".join(lines)


def _summary(found: Sequence[Promise]) -> Iterator[str]:
    counts = Counter(said.partition(":")[0] for one in found for said in one.outcomes)
    unit = sum(len(one.outcomes) for one in found if not chapter(one))
    yield (
        f"{sum(counts.values()):,} tests: {counts['held']:,} held, {counts['failed']:,} failed, "
        f"{counts['skipped']:,} skipped. Of them {unit:,} are of single parts and not listed here "
        "unless they failed.\n"
    )


def _tables(found: Sequence[Promise]) -> Iterator[str]:
    failed = [one for one in found if not chapter(one) and "failed" in one.outcomes]
    titles = (*ROOMS.values(), *FILES)
    listed = [(title, [one for one in found if chapter(one) == title]) for title in titles]
    for title, rows in [*listed, ("Failed", failed)]:
        if not rows:
            continue
        yield f"## {title}\n"
        yield "| promise | test | figure | held |"
        yield "| --- | --- | --- | --- |"
        for one in rows:
            times = f" ({len(one.outcomes)} times)" if len(one.outcomes) > 1 else ""
            worst = next((said for said in one.outcomes if said != "held"), "yes" + times)
            cells = [one.words, f"`{one.file}`", one.figure, worst]
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""


def _speed(bench: str) -> Iterator[str]:
    if bench:
        yield "## Speed and memory\n"
        yield "On the machine of that run; ratios travel, seconds do not.\n"
        yield "```text"
        yield bench.rstrip()
        yield "```\n"


def main(folder: Path, written: Path) -> int:
    """Read a folder, write a page; 1 if a test failed, else 0."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt")))
    found = promises(sorted(folder.rglob("*.xml")))
    mutants = (written.parent / "mutants.md").is_file()
    left = missing(folder, Path(__file__).parent)
    written.write_text(page(found, text, mutants=mutants, not_run=left), encoding="utf-8")
    sys.stdout.write(f"Wrote {written}.\n")
    return int(any("failed" in one.outcomes for one in found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
