"""What people do to sound files: each slip breaks one, and has its message on file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "broken"
MESSAGES = HERE / "messages.txt"
QUESTION = "experiments/question.toml"
MODEL = "models/toy"


@dataclass(frozen=True)
class Edit:
    """Under a heading of a file, the first match of `old` becomes `new`."""

    file: str
    under: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        path = folder / self.file
        before, heading, after = path.read_text(encoding="utf-8").partition(f"{self.under}\n")
        assert heading, f"{self.file} has no {self.under}"
        broken, count = re.subn(self.old, self.new, after, count=1)
        assert count, f"{self.old} is not under {self.under} in {self.file}"
        path.write_text(before + heading + broken, encoding="utf-8")


@dataclass(frozen=True)
class Whole:
    """A whole file says something else."""

    file: str
    text: str
    encoding: str = "utf-8"

    def apply(self, folder: Path) -> None:
        (folder / self.file).write_text(self.text, encoding=self.encoding)


TRADE_OFF = """
[[report.trade_off]]
title = "Better files"
gain = "conviction_rate"
loss = "cost_gbp"
steps = {{ {steps} }}
"""
AREAS = """
[areas]
unit = "residents"
base = 100
source = "assumption"
evidence = "assumed"
range = [1, 100]
{more}
[areas.of]
small = {{ title = "Small", size = {size} }}
"""
SOUND = 'source = "toy", evidence = "measured"'
BROKEN = {
    "an unknown key": Edit(
        f"{MODEL}/magistrates.toml", "[lists.magistrates_trials]", "over_listing =", "over_listng ="
    ),
    "an unknown branch": Edit(
        QUESTION, "[scenarios.better_files.set]", "branches.file_ready", "branches.file_redy"
    ),
    "p90 below the median": Edit(
        f"{MODEL}/police.toml",
        "[stages.investigation]",
        "duration = .*",
        f'duration = {{ unit = "days", median = 50, p90 = 20, {SOUND} }}',
    ),
    "shares that do not add up": Edit(
        f"{MODEL}/crown.toml",
        "[multiway_branches.crown_listing]",
        "shares = .*",
        f"shares = {{ value = {{ fixture = 0.5, warned_list = 0.4, floater = 0.2 }}, {SOUND} }}",
    ),
    "dates the wrong way round": Edit(QUESTION, "[run]", "to = 2014-03-31", "to = 2012-03-31"),
    "a missing source": Edit(
        f"{MODEL}/cps.toml", "[branches.urgent_charging_advice]", 'source = "[^"]*", ', ""
    ),
    "a negative capacity": Edit(
        f"{MODEL}/police.toml",
        "[pools.officers]",
        "capacity = .*",
        f"capacity = {{ value = {{ north = -2, south = 3 }}, {SOUND} }}",
    ),
    "an unknown offence group": Edit(
        f"{MODEL}/demand.toml",
        "[branches.domestic_abuse]",
        "probability = .*",
        f"probability = {{ value = {{ violense = 0.3, default = 0.1 }}, {SOUND} }}",
    ),
    "two scenarios setting one value": Edit(
        QUESTION,
        "[scenarios.best_files.set]",
        '2014-01-01, area = "south"',
        '2013-10-01, area = "north"',
    ),
    "a missing model folder": Edit(QUESTION, "[run]", "models/toy", "models/toi"),
    "not TOML at all": Whole(f"{MODEL}/police.toml", "Dear colleague,\nhere are our figures.\n"),
    "an empty file": Whole(f"{MODEL}/police.toml", ""),
    # More than one at once, and slips of other kinds.
    "two faults in two files": (
        Edit(QUESTION, "[scenarios.better_files.set]", "branches.file_ready", "branches.file_redy"),
        Edit(
            f"{MODEL}/police.toml",
            "[stages.investigation]",
            "duration = .*",
            f'duration = {{ unit = "days", median = 50, p90 = 20, {SOUND} }}',
        ),
    ),
    "a misspelt table": Edit(
        f"{MODEL}/cps.toml", "[pools.prosecution_team]", r"\[branches\.", "[branch."
    ),
    "a text for a number": Edit(
        f"{MODEL}/cps.toml",
        "[pools.prosecution_team]",
        "capacity = .*",
        f'capacity = {{ value = "six", {SOUND} }}',
    ),
    "an unknown rule of call": Edit(
        f"{MODEL}/crown.toml", "[lists.crown_trials]", '"oldest_listing"', '"oldest_listings"'
    ),
    "eleven months of sittings": Edit(
        f"{MODEL}/crown.toml", "[lists.crown_trials]", r"value = \[1, 1, ", "value = [1, "
    ),
    "a vacation that ends before it begins": Edit(
        f"{MODEL}/crown.toml",
        "[lists.crown_trials]",
        "multi_day = true",
        "multi_day = true\nblocked = [{ from = 2013-08-16, to = 2013-08-05, "
        'source = "assumption", evidence = "assumed" }]',
    ),
    "an assumption without a range": Edit(
        QUESTION, "[scenarios.better_files.set]", r", range = \[0.55, 0.85\]", ""
    ),
    "a value outside its range": Edit(
        QUESTION, "[scenarios.better_files.set]", "value = 0.70", "value = 0.95"
    ),
    "a chance above 1": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        "value = 0.70, source = .*",
        'value = 70, source = "assumption", range = [55, 85] }',
    ),
    "an unknown division": Edit(
        QUESTION, "[scenarios.better_files.set]", 'area = "north"', 'area = "nroth"'
    ),
    "a day before the run": Edit(
        QUESTION, "[scenarios.better_files.set]", "2013-10-01", "2012-10-01"
    ),
    "a day after the run": Edit(
        QUESTION, "[scenarios.better_files.set]", "2013-10-01", "2016-10-01"
    ),
    "a path without quotes": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        '"branches.file_ready.probability"',
        "branches.file_ready.probability",
    ),
    "a path that stops at a table": Edit(
        QUESTION, "[scenarios.better_files.set]", "file_ready.probability", "file_ready"
    ),
    "an odds factor that the model has not": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        "file_ready.probability",
        "file_ready.odds.prosecution_team",
    ),
    "the warm-up set": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        "branches.file_ready.probability",
        "opening.warm_up_days",
    ),
    "a length for a chance": Edit(
        QUESTION, "[scenarios.better_files.set]", "value = 0.70", "median = 2, p90 = 3"
    ),
    "scenarios that use one another": Edit(
        QUESTION, "[scenarios.better_files]", "label = .*", r'\g<0>\nuses = ["best_files"]'
    ),
    "an unknown scenario used": Edit(
        QUESTION, "[scenarios.best_files]", "better_files", "beter_files"
    ),
    "a scenario called baseline": Edit(
        QUESTION, "[scenarios.better_files]", r"\Z", '\n[scenarios.baseline]\nlabel = "Mine"\n'
    ),
    "a scenario with a bad name": Edit(
        QUESTION, "[scenarios.better_files]", r"\Z", '\n[scenarios."../mine"]\nlabel = "Mine"\n'
    ),
    "no replications": Edit(QUESTION, "[run]", "replications = 2", "replications = 0"),
    "an unknown table": Edit(
        QUESTION, "[scenarios.better_files]", r"\Z", "\n[unheard_of]\nx = 1\n"
    ),
    "an unknown pool": Edit(
        f"{MODEL}/police.toml", "[stages.investigation]", 'pool = "officers"', 'pool = "oficers"'
    ),
    "a trade-off without the baseline": Edit(
        QUESTION, "[scenarios.best_files.set]", r"\Z", TRADE_OFF.format(steps='a = "0", b = "1"')
    ),
    "a trade-off of an unknown scenario": Edit(
        QUESTION,
        "[scenarios.best_files.set]",
        r"\Z",
        TRADE_OFF.format(steps='baseline = "0", better_files = "1", bst_files = "2"'),
    ),
    "a trade-off of two points": Edit(
        QUESTION,
        "[scenarios.best_files.set]",
        r"\Z",
        TRADE_OFF.format(steps='baseline = "0", best_files = "1"'),
    ),
    "a trade-off in an unknown court": Edit(
        QUESTION,
        "[scenarios.best_files.set]",
        r"\Z",
        TRADE_OFF.format(steps='baseline = "0", better_files = "1", best_files = "2"').replace(
            '"cost_gbp"', '{ measure = "cost_gbp", court = "county" }'
        ),
    ),
    "nested too deep": Whole(QUESTION, "a.b.c.d.e.f.g.h.i.j.k.l.m.n = 1\n"),
    "brackets without end": Whole(QUESTION, "a = " + "[" * 5000),
    "not UTF-8": Whole(QUESTION, 'title = "Caf\u00e9"\n', encoding="latin-1"),
    "far too large": Whole(QUESTION, "# a comment\n" * 200_000),
    "a key given twice": Edit(QUESTION, "[run]", "replications = 2", r"\g<0>\n\g<0>"),
    "no number at all": Edit(
        QUESTION, "[scenarios.better_files.set]", "value = 0.70", "value = nan"
    ),
    "true for a number": Edit(
        QUESTION, "[scenarios.better_files.set]", "value = 0.70", "value = true"
    ),
    "a range the wrong way round": Edit(
        QUESTION, "[scenarios.better_files.set]", r"\[0.55, 0.85\]", "[0.85, 0.55]"
    ),
    "a time of day for a date": Edit(
        QUESTION, "[run]", "from = 2013-04-01", "from = 2013-04-01T09:00:00"
    ),
    "half a replication": Edit(QUESTION, "[run]", "replications = 2", "replications = 2.5"),
    "an unknown key in the run": Edit(QUESTION, "[run]", "seed = ", "seeds = "),
    "a worthwhile effect below nothing": Edit(
        QUESTION, "[run]", r"\Z", "\n[report.worthwhile]\ncost_gbp = -5\n"
    ),
    "an empty label": Edit(QUESTION, "[scenarios.better_files]", 'label = "[^"]*"', 'label = ""'),
    "a label that clears the screen": Edit(
        QUESTION, "[scenarios.better_files]", 'label = "[^"]*"', r'label = "\\u001b[2J"'
    ),
    "a title that runs backwards": Whole(QUESTION, 'title = "Cheap\\u202esnaem"\n'),
    "an area of no size": Edit(
        QUESTION, "[scenarios.best_files.set]", r"\Z", AREAS.format(size="0", more="")
    ),
    "areas of an unheard-of unit cost": Edit(
        QUESTION, "[scenarios.best_files.set]", r"\Z", AREAS.format(size="10", more="unit_cost = 3")
    ),
    "areas with a precision": Edit(
        QUESTION,
        "[scenarios.best_files.set]",
        r"\Z",
        AREAS.format(size="10", more="") + "\n[precision]\nof_baseline = 0.05\n",
    ),
    "no areas at all": Edit(
        QUESTION,
        "[scenarios.best_files.set]",
        r"\Z",
        AREAS.format(size="10", more="").replace('small = { title = "Small", size = 10 }', ""),
    ),
    "an unknown way in": Edit(
        f"{MODEL}/demand.toml",
        r"[streams.arrest_other]",
        r"\Z",
        "\n[streams.arrest_othr]\nper_year = 3\n",
    ),
    "a pool without hours": Edit(
        f"{MODEL}/police.toml", "[pools.officers]", 'hours = "extended"\n', ""
    ),
    "a number in place of a setting": Edit(
        QUESTION, "[scenarios.better_files.set]", r"= \{.*", "= 0.7"
    ),
    "a key that no setting has": Edit(
        QUESTION, "[scenarios.better_files.set]", "area = ", "division = "
    ),
    "several divisions that are not there": Edit(
        f"{MODEL}/police.toml", "[pools.officers]", "north = 2, south = 2", "east = 2, west = 2"
    ),
    "weekdays by their names": Edit(
        f"{MODEL}/opening.toml", "[hours.office]", r"\[0, 1, 2, 3, 4\]", '["Monday", "Friday"]'
    ),
    "times of day that are none": Edit(
        f"{MODEL}/opening.toml",
        "[hours.office]",
        '"09:00"\nend = "16:30"',
        '09:00:00\nend = "24:00"',
    ),
    "a house changed in a division that it does not serve": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        "^",
        '"lists.magistrates_trials.houses.north_court.rooms" = { value = [0, 1, 0, 1, 0, 0, 0], '
        'area = "south", source = "assumption", range = [0, 1] }\n',
    ),
    "more courtrooms at once than the courthouse has": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        "^",
        '"lists.magistrates_trials.houses.north_court.rooms" = { value = [0, 0, 1, 1, 0, 0, 0], '
        'source = "assumption", range = [0, 1] }\n',
    ),
    "a courthouse that sends its work nowhere": Edit(
        QUESTION,
        "[scenarios.better_files.set]",
        "^",
        '"courthouses.north_court.closed" = { to = 2013-12-31, work_goes_to = "suoth_court", '
        'source = "assumption" }\n',
    ),
    "a closure that ends before it begins": Edit(
        f"{MODEL}/magistrates.toml",
        "[courthouses.north_court]",
        r'serves = \["north"\]',
        'serves = ["north"]\nclosed = [{ from = 2013-08-16, to = 2013-08-05, '
        'work_goes_to = "south_court", source = "assumption", evidence = "assumed" }]',
    ),
    "a closure with a misspelt key": Edit(
        f"{MODEL}/magistrates.toml",
        "[courthouses.north_court]",
        r'serves = \["north"\]',
        'serves = ["north"]\nclosed = [{ from = 2013-08-16, works_go_to = "south_court", '
        'source = "assumption", evidence = "assumed" }]',
    ),
    "a courthouse without divisions": Edit(
        f"{MODEL}/magistrates.toml", "[courthouses.north_court]", r'serves = \["north"\]', ""
    ),
    "a courtroom twice in a courthouse": Edit(
        f"{MODEL}/magistrates.toml",
        "[courthouses.north_court]",
        r'courtrooms = \["court 1"',
        'courtrooms = ["court 1", "court 1"',
    ),
    "a courtroom twice in a house": Edit(
        f"{MODEL}/magistrates.toml",
        "[lists.magistrates_trials.houses.north_court]",
        r'courtrooms = \["court 1"',
        'courtrooms = ["court 1", "court 1"',
    ),
    "a date with strokes": Edit(QUESTION, "[run]", "from = 2013-04-01", "from = 01/04/2013"),
    "a day that is none": Edit(QUESTION, "[run]", "to = 2014-03-31", "to = 2014-02-29"),
    "a decimal comma": Edit(
        QUESTION, "[scenarios.better_files.set]", "value = 0.70", "value = 0,7"
    ),
    "a per cent sign": Edit(QUESTION, "[run]", "replications = 2", "replications = 2 %"),
    "true with a capital": Edit(QUESTION, "[run]", "replications = 2", "replications = True"),
    "a text without quotes": Edit(
        QUESTION, "[scenarios.better_files]", 'label = "[^"]*"', "label = Better files"
    ),
    "the quotes of a word processor": Edit(
        QUESTION, "[scenarios.better_files]", 'label = "[^"]*"', "label = \u201cBetter\u201d"
    ),
    "two slips in one scenario": (
        Edit(QUESTION, "[scenarios.better_files]", "label = ", "lable = "),
        Edit(QUESTION, "[scenarios.better_files.set]", r"\[0.55, 0.85\]", "[0.85, 0.55]"),
    ),
    "slips in several scenarios": (
        Edit(QUESTION, "[scenarios.better_files]", "label = ", "lable = "),
        Edit(QUESTION, "[scenarios.better_files.set]", r"\[0.55, 0.85\]", "[0.85, 0.55]"),
        Edit(QUESTION, "[scenarios.best_files]", "label = ", "titel = "),
        Edit(QUESTION, "[scenarios.best_files.set]", "value = ", "valeu = "),
        Edit(QUESTION, "[run]", r"\Z", "\n[scenarios.Third]\nlabel = 5\n\n[scenarios.fourth]\n"),
    ),
    "a seed of 4,400 digits": Edit(QUESTION, "[run]", r"seed = \d+", "seed = " + "7" * 4400),
    "a seed of 200 digits": Edit(QUESTION, "[run]", r"seed = \d+", "seed = " + "7" * 200),
    "100,000 keys": Whole(QUESTION, "".join(f"k{place} = 1\n" for place in range(100_000))),
    "900,000 dots": Whole(QUESTION, "a" + ".a" * 900_000 + " = 1\n"),
    "300 scenarios": Edit(
        QUESTION,
        "[run]",
        r"\Z",
        "".join(f"\n[scenarios.s{place}]\nlabel = 'x'\n" for place in range(300)),
    ),
    "a title that turns what follows it": Whole(QUESTION, 'title = "Cheap\\u200fsnaem"\n'),
    "a very long label": Edit(
        QUESTION, "[scenarios.better_files]", 'label = "[^"]*"', f'label = "{"x" * 20_001}"'
    ),
    "a table twice in one file": Edit(
        f"{MODEL}/police.toml", "[pools.officers]", r"\Z", "\n[pools.officers]\nhours = 'office'\n"
    ),
}


def break_it(project: Path, name: str) -> None:
    edits = BROKEN[name]
    for edit in edits if isinstance(edits, tuple) else (edits,):
        edit.apply(project)


def messages() -> dict[str, str]:
    """The messages on file, by the name of what is broken."""
    text = MESSAGES.read_text(encoding="utf-8") if MESSAGES.is_file() else ""
    blocks = [block.partition("\n") for block in text.split("## ")[1:]]
    return {name: message.strip() for name, _, message in blocks}
