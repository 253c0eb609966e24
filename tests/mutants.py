"""Write how many slips the tests of the statistics would notice, as a page: `make mutants`.

    python -m tests.mutants PAGE

Reads what mutmut left in `mutants/` below the current folder: for each changed copy of a function,
the exit code of its tests. No test at all that runs a function counts as not noticed.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

SURVIVED, NO_TESTS = 0, 33
PROMISED = 0.85

HEAD = """# Would the tests notice?

`make mutants` changes the statistics in one place at a time (a + becomes a -, a < becomes a <=, a
word another word) and runs their tests: a change that no test notices is a gap in the tests, or
makes no difference to anybody. Promised is that at least 85 % are noticed. This page is what one
run came to.
"""


def counted(codes: Mapping[str, int | None]) -> tuple[int, int, Counter[str]]:
    """How many were tried and noticed, and how many were not by the function that was changed."""
    tried = noticed = 0
    missed: Counter[str] = Counter()
    for key, code in codes.items():
        if code is None:
            continue
        tried += 1
        if code in (SURVIVED, NO_TESTS):
            missed[function_of(key)] += 1
        else:
            noticed += 1
    return tried, noticed, missed


def function_of(key: str) -> str:
    """A function's name as its author wrote it: `cjsim.x.x_compare__mutmut_3` is `compare`."""
    name = key.rpartition(".")[2].rpartition("__mutmut_")[0]
    return re.sub(r"^x\u01c1(\w+?)\u01c1", r"\1.", name).removeprefix("x_")


def page(found: Mapping[str, Mapping[str, int | None]]) -> str:
    """The page, in Markdown; `found` has the exit codes by module."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Mapping[str, Mapping[str, int | None]]) -> Iterator[str]:
    yield HEAD
    yield "| module | changes | noticed | share |"
    yield "| --- | --- | --- | --- |"
    unseen: dict[str, Counter[str]] = {}
    all_tried = all_noticed = left = 0
    for module, codes in found.items():
        tried, noticed, missed = counted(codes)
        left += sum(code is None for code in codes.values())
        all_tried, all_noticed = all_tried + tried, all_noticed + noticed
        unseen[module] = missed
        if tried:
            yield f"| `{module}` | {tried} | {noticed} | {noticed / tried:.1%} |"
    share = all_noticed / max(all_tried, 1)
    yield f"| together | {all_tried} | {all_noticed} | {share:.1%} |"
    yield f"\nThe promise is {'kept' if share >= PROMISED else 'not kept'}."
    if left:
        yield f"\n{left} more changes were not tried in this run, and are in no figure above."
    yield "\nNot noticed, by the function that was changed:\n"
    for module, missed in unseen.items():
        if missed:
            said = ", ".join(f"`{name}` {count}" for name, count in missed.most_common())
            yield f"- `{module}`: {said}."


def main(written: Path) -> None:
    """Read mutmut's folder, write a page."""
    found = {}
    for meta in sorted(Path("mutants").rglob("*.py.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            found[meta.relative_to("mutants").as_posix().removesuffix(".meta")] = codes
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(page(found), encoding="utf-8")
    sys.stdout.write(f"Wrote {written}.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
