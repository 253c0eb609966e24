"""The report as a whole: files, sameness on a re-run, what the page may and may not hold."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import shlex
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cjsim.errors import Faults
from cjsim.report import style, write_report
from cjsim.report.board.headlines import in_short, tiles
from cjsim.report.board.page import Shown, board_page, command, page_command
from cjsim.report.board.sections import changes_table
from cjsim.report.data import ResultsFolder
from cjsim.report.wording import ONLY_DIRECTION
from cjsim.report.write import CHARTS, every_chart, write_data
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_text
from tests.support.report_data import LABELS, SCENARIOS, write_results

KEYS = (
    "adjournments",
    "backlog_chance",
    "cost_by_agency",
    "differences",
    "early_guilty_pleas",
    "open_caseload",
    "options",
    "stages",
    "trial_outcomes",
    "utilisation",
    "victims",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reported results folder."""
    made = write_results(tmp_path_factory.mktemp("results") / "run", listed=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert write_report(made) == made / "board.html"
    return made


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same results elsewhere, reported by the folder of their experiment; and their page."""
    other = write_results(tmp_path_factory.mktemp("elsewhere") / "run", listed=True)
    return other, write_report(other.parent)


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    """The page's text."""
    return (folder / "board.html").read_text(encoding="utf-8")


def test_every_chart_comes_as_svg_png_and_csv(folder: Path) -> None:
    names = {path.name for path in (folder / "charts").glob("[!.]*")}
    assert names == {
        *(f"{key}.{kind}" for key in KEYS for kind in ("svg", "png", "csv")),
        "flow_diagram.svg",
        "flow_diagram.csv",
    }
    assert len(CHARTS) == len(KEYS) - 1, "and one that compares all options"


def test_two_identical_runs_give_the_same_bytes(folder: Path, again: tuple[Path, Path]) -> None:
    other, _ = again
    first, second = (
        {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}
        for run in (folder, other)
    )
    assert first.keys() == second.keys()
    assert [str(path) for path in first if first[path] != second[path]] == []


def test_files_hold_no_date_and_no_software(folder: Path) -> None:
    for path in (folder / "charts").glob("*.svg"):
        for word in (b"<dc:date>", b"<dc:creator>", b"<!DOCTYPE", b"matplotlib.org"):
            assert word not in path.read_bytes()
    for path in (folder / "charts").glob("*.png"):
        assert b"Software" not in path.read_bytes()


def test_an_experiment_folder_means_its_newest_run(again: tuple[Path, Path]) -> None:
    newest, page = again
    assert page == newest / "board.html"


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Faults):
        write_report(tmp_path)


# --- the page -------------------------------------------------------------------------------


class _Reader(HTMLParser):
    """What a test asks of a page: its tags with attributes, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def _tags(page: str) -> list[tuple[str, dict[str, str]]]:
    reader = _Reader()
    reader.feed(page)
    return reader.tags


def test_the_page_asks_nothing_of_a_network_and_runs_its_own_script_alone(page: str) -> None:
    assert [attributes for tag, attributes in _tags(page) if tag == "script"] == [{}]
    for tag, attributes in _tags(page):
        assert tag not in ("link", "iframe", "object", "embed", "form", "base")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href", "srcset"):
            value = attributes.get(name, "#")
            assert value.startswith(("#", "data:image/svg+xml;base64,"))
    assert "url(" not in page
    assert "@import" not in page


def test_the_policy_allows_this_style_and_script_and_nothing_else(page: str) -> None:
    policy = next(
        attributes["content"]
        for tag, attributes in _tags(page)
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    for tag in ("style", "script"):
        found = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert found is not None
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_headings_descend_one_step_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in _tags(page) if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_picture_has_words_and_every_table_its_caption(page: str) -> None:
    tags = _tags(page)
    assert all(re.search(r"\d", one["alt"]) for tag, one in tags if tag == "img")
    tables = [tag for tag, _ in tags if tag == "table"]
    assert len(tables) == len([tag for tag, _ in tags if tag == "caption"]) + 1, (
        "sign-off is no data"
    )
    assert len(tables) > len(KEYS)
    assert all("scope" in one for tag, one in tags if tag == "th")
    assert dict(tags)["html"] == {"lang": "en-GB"}


def test_names_used_by_labels_are_there_once(page: str) -> None:
    tags = _tags(page)
    names = [one["id"] for _, one in tags if "id" in one]
    assert len(names) == len(set(names))
    assert {one["aria-labelledby"] for _, one in tags if "aria-labelledby" in one} <= set(names)


def test_the_page_says_who_asked_what_and_how_to_do_it_again(page: str) -> None:
    for words in (
        "What did one prosecution team change",
        "Strategic Board",
        "Staffordshire",
        "April 2013 to March 2016",
        "2013-14 prices",
        "0a1b2c3d4e5f" + "9" * 52,
        "20130401",
        "cjsim run experiments/prosecute_not_process.toml --replications 6 --seed 20130401",
        "Fewer replications than the experiment asks for.",
        "File ready (probability)",
        "0.38",
        "0.55 to 0.85",
        "every option",
    ):
        assert words in page


def test_tiles_are_three_to_five_and_say_the_direction_in_words(page: str) -> None:
    inside = page.split('<ul class="tiles">')[1].partition("</ul>")[0]
    assert 3 <= inside.count("<li>") <= 5
    assert inside.count('class="verdict') == inside.count('class="change') == 10
    assert "up, better" in inside
    # No size of these open cases was declared worth having: the page says what that means.
    assert "down, right way" in inside
    assert ONLY_DIRECTION in page.split('<ul class="tiles">')[1].partition("</section>")[0]


def test_tiles_hold_all_that_a_board_asks_for(page: str) -> None:
    inside = page.split('<ul class="tiles">')[1].partition("</ul>")[0]
    for words in (
        "Open cases, end of March 2016",
        "End of March 2014: ",
        "End of March 2015: ",
        "Arrest to disposal, median",
        "Arrest to disposal, 9 in 10 within: ",
        "Victim contacts in time",
        "Early guilty pleas, magistrates&#39; court",
        "Adjournments per case: ",
        "Cost of all agencies, real, 2013-14 prices",
    ):
        assert words in inside
    assert "n = 6 paired replications" in page


def test_the_commands_name_only_what_was_run_and_can_be_pasted(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", scenarios=("baseline", "north_pilot"))
    asked = json.loads((folder / "manifest.json").read_text())
    asked["experiment"] |= {
        "file": "my questions/one; two.toml",
        "text": "[scenarios.north_pilot]\n[scenarios.whole_county]\n",
    }
    (folder / "manifest.json").write_text(json.dumps(asked))
    results = ResultsFolder(folder)
    assert shlex.split(command(results.background)) == [
        "cjsim",
        "run",
        "my questions/one; two.toml",
        "--scenario",
        "north_pilot",
        "--replications",
        "6",
        "--seed",
        "20130401",
    ]
    assert shlex.split(page_command(results)) == [
        "cjsim",
        "report",
        "results/one; two/0a1b2c3d4e5f",
    ]
    asked["precision"] = {"asked": {"of_baseline": 0.01}, "reached": True}
    (folder / "manifest.json").write_text(json.dumps(asked))
    assert "--precision 0.01 --seed" in command(ResultsFolder(folder).background)
    asked["experiment"]["text"] += "[precision]\nof_baseline = 0.01\n"
    (folder / "manifest.json").write_text(json.dumps(asked))
    assert "precision" not in command(ResultsFolder(folder).background)


def test_what_a_reform_costs_stands_among_what_changes(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run")
    asked = json.loads((folder / "manifest.json").read_text())
    asked["models"]["whole_county"]["costs"]["declared"] = [
        {
            "line": "shared_office",
            "agency": "commissioner",
            "gbp": 40000.0,
            "per": "once",
            "price_year": "2013-14",
            "from": "2014-07-01",
            "range": [15000.0, 120000.0],
            "source": "assumption",
            "evidence": "assumed",
        }
    ]
    (folder / "manifest.json").write_text(json.dumps(asked))
    changes = changes_table(ResultsFolder(folder).background)
    assert changes is not None
    assert (
        "Cost of the reform: shared office (Police and Crime Commissioner)",
        "Extended to the county",
        "1 July 2014",
        "everywhere",
        "0",
        "40,000",
        "GBP once, 2013-14 prices",
        "15,000 to 120,000",
        "assumption",
        "assumed",
    ) in changes.rows


def test_what_changes_is_told_in_words_and_not_as_the_file_writes_it(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", scenarios=("baseline", "north_pilot"))
    asked = json.loads((folder / "manifest.json").read_text())
    change = {"from": "2013-10-01", "source": "assumption", "evidence": "assumed", "range": [0, 1]}
    for name, changes in (
        ("baseline", {"rooms": [], "duration": [], "call_order": []}),
        (
            "north_pilot",
            {
                "rooms": [{**change, "value": [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]}],
                "duration": [{**change, "median": 2, "p90": 5}],
                "call_order": [{**change, "value": ["oldest_case", "vulnerable_witness"]}],
            },
        ),
    ):
        model, about = asked["models"][name], {**change, "note": ""}
        model["lists"] = {
            "trials": {
                "rooms": {**about, "value": [0, 0, 0, 1, 0, 0, 0], "changes": changes["rooms"]},
                "call_order": {**about, "value": ["oldest_case"], "changes": changes["call_order"]},
            }
        }
        model["stages"] = {
            "digital_submission": {
                "duration": {
                    **about,
                    "median": 7,
                    "p90": 20,
                    "cap": 540,
                    "changes": changes["duration"],
                }
            }
        }
    (folder / "manifest.json").write_text(json.dumps(asked))
    table = changes_table(ResultsFolder(folder).background)
    assert table is not None
    told = {row[0]: row[4:7] for row in table.rows}
    assert told["Trials (courtrooms)"] == (
        "0 0 0 1 0 0 0",
        "0 1 0 1 0 0 0",
        "courtrooms, Monday to Sunday",
    )
    assert told["Trials (call order)"][1] == "oldest_case, vulnerable_witness"
    before, after, _ = told["Digital submission (duration)"]
    assert before == "median 7, 9 in 10 within 20, at most 540"
    assert after == "median 2, 9 in 10 within 5"


def test_a_courthouse_changes_in_the_division_that_it_serves(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", scenarios=("baseline", "north_pilot"))
    asked = json.loads((folder / "manifest.json").read_text())
    about = {"source": "assumption", "evidence": "assumed", "range": [0, 1]}
    later = [{**about, "from": "2013-10-01", "value": [0, 1, 0, 1, 0, 0, 0]}]
    for name, changes in (("baseline", []), ("north_pilot", later)):
        rooms = {**about, "value": [0, 0, 0, 1, 0, 0, 0], "changes": changes}
        courthouse = {"title": "Court house", "courtrooms": ["court 1"], "serves": ["north"]}
        asked["models"][name]["courthouses"] = {"north_court": courthouse}
        asked["models"][name]["lists"] = {"trials": {"houses": {"north_court": {"rooms": rooms}}}}
    (folder / "manifest.json").write_text(json.dumps(asked))
    about_it = ResultsFolder(folder).background
    table = changes_table(about_it)
    assert table is not None
    (where,) = {row[3] for row in table.rows}
    assert where == about_it.divisions["north"]


# --- odd results ----------------------------------------------------------------------------


def _page_without_pictures(folder: Path) -> str:
    """The page of a results folder with all its words, and without the time that drawing takes."""
    results = ResultsFolder(folder)
    with style.house_style():
        shown = [Shown(chart, b"", place, named) for chart, place, named in every_chart(results)]
    return board_page(results, shown)


HOSTILE = {
    "baseline": "<script>alert(1)</script>",
    "north_pilot": "=1+1 costs $x_1$ & $y^$ {{ 7 * 7 }}",
    "whole_county": "@SUM(A1) <img src=x onerror=alert(1)> " + "W" * 120,
}


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", labels=HOSTILE, title='"><script>x</script>')
    page = write_report(folder).read_text(encoding="utf-8")
    assert page.count("<script") == 1, "its own"
    assert "onerror=alert(1)>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    drawn = (folder / "charts" / "differences.svg").read_text(encoding="utf-8")
    assert "<script" not in drawn
    assert "$x_1$" in drawn


def test_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path) -> None:
    rows = [["=1+1", -2.5], ["+b", 1], ["@c", 2], ["-d", 3]]
    write_data(["=a"], rows, tmp_path / "x.csv")
    text = (tmp_path / "x.csv").read_text(encoding="utf-8")
    assert text.splitlines() == ["'=a", "'=1+1,-2.5", "'+b,1", "'@c,2", "'-d,3"]


def test_no_effect_is_called_no_change(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", effect=0.0)
    page = _page_without_pictures(folder)
    titles = re.findall(r"<h3 id=[^>]*>([^<]*)</h3>", page)
    assert not [title for title in titles if re.search(r"\b(rise|fall|improve)\b", title)]
    assert "no difference" in page


def test_one_replication_claims_nothing(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", replications=1)
    page = _page_without_pictures(folder)
    titles = re.findall(r"<h3 id=[^>]*>([^<]*)</h3>", page)
    assert titles
    assert not [title for title in titles if re.search(r"\b(rise|fall|improve)\b", title)]
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]*", "", page))
    assert "One replication cannot separate an effect from chance." in page
    assert "1 replications" not in page
    assert "1 paired replications" not in page
    assert "95% interval no interval" not in page
    assert "Too few replications to judge 17 watched measures" in titles
    assert "Too few replications to judge open cases" in titles


def test_a_measure_that_is_not_there_costs_its_chart_and_no_old_one_stays(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", leave_out=("cost_gbp", "utilisation"))
    with output_folder(folder / "charts", "charts") as charts:
        write_text("old", charts / "cost_by_agency.svg")
    (folder / "charts" / "mine.svg").write_text("drawn by hand")
    write_report(folder)
    left = {path.stem for path in (folder / "charts").glob("*.svg")} - {"flow_diagram", "mine"}
    assert left == set(KEYS) - {"cost_by_agency", "utilisation"}
    assert (folder / "charts" / "mine.svg").read_text() == "drawn by hand"


def test_a_baseline_alone_gives_a_page_without_charts(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", scenarios=("baseline",))
    page = _page_without_pictures(folder)
    assert "This run has no measures to draw." in page


def test_too_few_replications_are_not_called_no_change(tmp_path: Path) -> None:
    results = ResultsFolder(write_results(tmp_path / "run", replications=2))
    label = results.background.labels[results.focus]
    assert in_short(results) == (
        f"2 replications cannot show what \u201c{label}\u201d changes: run 6 replications or more."
    )
    lines = [line for tile in tiles(results) for line in tile.lines]
    assert {line.words for line in lines} == {"too few replications"}
    assert all(text.endswith("not judged") for line in lines for text in line.beside)


def test_a_fourth_option_is_compared_with_all_and_drawn_in_the_appendix(tmp_path: Path) -> None:
    scenarios = (*SCENARIOS, "third", "fourth")
    folder = write_results(tmp_path / "run", scenarios=scenarios, replications=2, labels=LABELS)
    with style.house_style():
        made = {chart.key: chart for chart, *_ in every_chart(ResultsFolder(folder))}
    assert {row[1] for row in made["options"].table.rows} == {
        LABELS.get(name, name) for name in scenarios[1:]
    }
    assert {row[1] for row in made["differences_2"].data_rows} == {"fourth"}
    assert {row[1] for row in made["differences"].data_rows} == set(scenarios[1:4])


def test_the_manifest_of_a_run_is_left_alone(folder: Path) -> None:
    assert json.loads((folder / "manifest.json").read_text())["run_id"] == "0a1b2c3d4e5f"
