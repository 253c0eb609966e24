"""The charts: titles from the data, alternative texts with its numbers, labels that stay apart."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cjsim.england_wales.vocabulary import ACTIVITIES, AGENCIES, COURT_LISTS, REASONS
from cjsim.formatting.labels import is_list, resource_name, title_of
from cjsim.measures.comparison import NO_CLEAR_DIFFERENCE
from cjsim.report import style
from cjsim.report.board.sections import caveats, sureness, trust
from cjsim.report.chart import Chart
from cjsim.report.charts.backlog import chance_of_backlog, threshold
from cjsim.report.charts.cost import cost_by_agency
from cjsim.report.charts.duties import victim_duties
from cjsim.report.charts.options import options_side_by_side
from cjsim.report.charts.published import Published, against_published
from cjsim.report.data import ResultsFolder, bands, first_clear_month
from cjsim.report.write import CHARTS
from cjsim.storage.tables import write_rows
from tests.support.report_data import SCENARIOS, write_results


def charts_of(folder: Path) -> dict[str, Chart]:
    results = ResultsFolder(folder)
    with style.house_style():
        made = [chart for make in CHARTS if (chart := make(results)) is not None]
    return {chart.key: chart for chart in made}


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Chart]:
    return charts_of(write_results(tmp_path_factory.mktemp("charts")))


@pytest.fixture(scope="module", params=["unchanged", "alone", "three", "one option"])
def odd_charts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Chart]:
    folder = tmp_path_factory.mktemp("odd")
    if request.param == "unchanged":
        write_results(folder, effect=0.0)
    elif request.param == "alone":
        write_results(folder, replications=1)
    elif request.param == "three":
        write_results(folder, scenarios=(*SCENARIOS, "third"))
    else:
        write_results(folder, scenarios=SCENARIOS[:2])
    return charts_of(folder)


def test_titles_come_from_the_data(charts: dict[str, Chart]) -> None:
    assert {key: chart.title for key, chart in charts.items()} == {
        "differences": "13 of 17 watched measures improve, 1 worsens",
        "open_caseload": "Open cases fall 13% by March 2016",
        "backlog_chance": "Backlog grows in 0 of 6 runs, baseline in 3",
        "stages": "Of 1,000 cases: 16 more guilty pleas",
        "early_guilty_pleas": "The north first: early guilty pleas rise 5.3 points there",
        "trial_outcomes": "Ineffective trials fall 3.5 points, effective rise 2.6 points",
        "adjournments": "Adjournments fall 13%, most for \u201cpapers not served\u201d",
        "victims": "Victim contacts in time rise 3.6 points",
        "utilisation": "The bottleneck: Crown trials, Stoke on Trent, 97% used",
        "cost_by_agency": "Costs fall by \u00a31.9 million; courts save, police pay",
    }


def test_titles_have_ten_words_at_most(
    charts: dict[str, Chart], odd_charts: dict[str, Chart]
) -> None:
    longest = 0
    for chart in [*charts.values(), *odd_charts.values()]:
        longest = max(longest, len(chart.title.split()))
        assert 1 <= len(chart.title.split()) <= 10, chart.title


def test_odd_results_still_give_every_chart(odd_charts: dict[str, Chart]) -> None:
    assert len(odd_charts) == len(CHARTS)
    for chart in odd_charts.values():
        assert chart.alternative
        assert "nan" not in " ".join(cell for row in chart.table.rows for cell in row).split()


def test_alternative_texts_hold_numbers_of_the_table(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        cells = {
            cell.strip("+\u2212")
            for row in chart.table.rows
            for cell in row[1:]
            if re.match(r"[+\u2212]?\u00a3?\d", cell)
        }
        assert any(cell in chart.alternative for cell in cells), chart.key
        if chart.key == "backlog_chance":
            assert re.search(r"\d of 6", chart.alternative), "chances are counted, not estimated"
        else:
            assert "95% interval" in chart.alternative


def test_subtitles_say_area_period_and_replications(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        assert "Staffordshire, April 2013 to March 2016, 6 replications" in chart.subtitle
        assert "0a1b2c3d4e5f" in chart.source


def test_tables_have_a_cell_for_every_column(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        assert {len(row) for row in chart.table.rows} == {len(chart.table.columns)}
        assert {len(row) for row in chart.data_rows} == {len(chart.data_columns)}


def test_costs_carry_their_price_year(charts: dict[str, Chart]) -> None:
    assert "GBP real, 2013-14 prices" in charts["cost_by_agency"].subtitle
    label = charts["cost_by_agency"].figure.axes[0].get_xlabel()
    assert "2013-14 prices" in label


@pytest.mark.parametrize("key", ["trial_outcomes", "adjournments"])
def test_bars_begin_at_nought(charts: dict[str, Chart], key: str) -> None:
    assert {axes.get_xlim()[0] for axes in charts[key].figure.axes} == {0.0}


@pytest.mark.parametrize(
    "key",
    ["trial_outcomes", "adjournments", "victims", "utilisation", "cost_by_agency", "differences"],
)
def test_panels_share_one_scale(charts: dict[str, Chart], key: str) -> None:
    assert len({axes.get_xlim() for axes in charts[key].figure.axes}) == 1


def test_plea_panels_share_one_scale(charts: dict[str, Chart]) -> None:
    panels = charts["early_guilty_pleas"].figure.axes
    assert len({axes.get_ylim() for axes in panels}) == 1
    assert len(panels) == 4


def test_intervals_by_month_are_those_of_a_table(tmp_path: Path) -> None:
    several = ResultsFolder(write_results(tmp_path / "several"))
    alone = ResultsFolder(write_results(tmp_path / "alone", scenarios=SCENARIOS[:2]))
    key, scenario = ("early_guilty_plea_rate", "magistrates", "division:north"), SCENARIOS[1]
    middle, low, high = several.monthly_differences(scenario, *key)
    for at, month in enumerate(several.months):
        in_table = several.difference_in(scenario, *key, month)
        assert (middle[at], low[at], high[at]) == pytest.approx(
            (in_table.difference, in_table.low, in_table.high), nan_ok=True
        )
    _, low_alone, high_alone = alone.monthly_differences(scenario, *key)
    told = high_alone > low_alone  # before the change nothing differs
    wider = (high - low)[told] / (high_alone - low_alone)[told]
    assert np.all(wider >= 1 - 1e-9)
    assert wider.max() > 1.1, "held against the baseline beside another, an interval is wider"


def test_the_data_of_a_chart_are_not_rounded(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run")
    chart = charts_of(folder)["differences"]
    held = ResultsFolder(folder)
    row = dict(zip(chart.data_columns, chart.data_rows[0], strict=True))
    exact = held.difference(row["scenario"], row["kpi"], row["court"], row["group"])
    assert exact is not None
    assert row["difference"] == exact.difference


def test_a_csv_reads_back(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        write_rows(["name", "x"], [["a,b", 0.1], ['say "c"', float("nan")]], file)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name", "x"], ["a,b", "0.1"], ['say "c"', ""]]


# --- parts ----------------------------------------------------------------------------------


def test_labels_are_spread_apart_in_their_order() -> None:
    assert style.spread([1.0, 1.1, 5.0], 1.0) == pytest.approx([0.55, 1.55, 5.0])
    assert style.spread([2.0, 2.0, 2.0], 0.5) == pytest.approx([1.5, 2.0, 2.5])
    assert style.spread([3.0, 1.0], 0.5) == [3.0, 1.0]
    assert style.spread([], 0.5) == []


def test_long_labels_end_with_an_ellipsis() -> None:
    assert (
        style.wrap("Pilot in the north, magistrates' courts", 14)
        == "Pilot in the\nnorth, magist\u2026"
    )
    assert max(len(line) for line in style.shorten_lines("W" * 120, 30, 2)) <= 30


def test_bands_are_quantiles_of_replications() -> None:
    values = np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan]])
    low, middle = bands(values, (0.0, 0.5))
    assert [low[0], middle[0]] == [1.0, 2.0]
    assert np.isnan(middle[1])


def test_a_move_is_clear_when_three_months_running_keep_off_nought() -> None:
    low = np.array([-1.0, 0.5, -0.2, 0.1, 0.2, 0.3])
    assert first_clear_month(low, low + 2) == 3
    assert first_clear_month(low[:3], low[:3] + 2) is None


@pytest.mark.parametrize("word", [*AGENCIES, *COURT_LISTS, *ACTIVITIES, *REASONS[1:]])
def test_every_word_of_the_model_has_a_name(word: str) -> None:
    name = title_of(word)
    assert name
    assert "_" not in name
    assert name[0].isupper()


def test_resources_are_named_with_their_place() -> None:
    assert resource_name("officers_north", ["north"]) == "Officers (north)"
    trials = "magistrates_trials@stafford"
    assert resource_name(trials, ["north"]) == "Magistrates' trials, Stafford"
    assert is_list("magistrates_trials@stafford")
    assert not is_list("officers_north")


def test_what_a_law_says_is_not_counted_among_the_published_figures(tmp_path: Path) -> None:
    def figure(mean: float, use: str) -> Published:
        return Published(
            f"Figure {use}", "share", (0.4, 0.5), 0.35, 0.55, mean, mean, mean, "A study", use
        )

    figures = [figure(0.4, "fitted"), figure(0.9, "seen"), figure(0.5, "law")]
    results = ResultsFolder(write_results(tmp_path))
    with style.house_style():
        chart = against_published(results, figures)
    assert chart is not None
    assert chart.title == "The baseline meets 1 of 2 published figures"
    assert "1 of 1 in" in chart.subtitle
    assert "The baseline does not match 1 of 2 published figures" in " ".join(
        caveats(results, figures)
    )
    told = dict(trust(results, figures, None))
    assert told["Published figures met"].startswith("1 of 2 ")
    assert told["Figures from distributions fitted to published figures"] == "1 of 1"


def test_what_is_too_small_to_matter_is_not_called_unclear(tmp_path: Path) -> None:
    """Its interval leaves out nought: a hollow dot and the words beside it say the same."""
    folder = write_results(tmp_path / "run")
    found = {"before": ResultsFolder(folder)}
    file = folder / "comparison.parquet"
    rows = pq.read_table(file).to_pylist()
    for row in rows:
        if row["kpi"] == "cost_gbp":
            row["verdict"] = NO_CLEAR_DIFFERENCE
    pq.write_table(pa.Table.from_pylist(rows), file)
    found["after"] = ResultsFolder(folder)
    told = {}
    for name, results in found.items():
        with style.house_style():
            chart = options_side_by_side(results)
        assert chart is not None
        told[name] = (
            "hollow: not clear or too small to matter" in chart.subtitle,
            "1 more differs by too little to matter" in sureness(results, None)[0],
        )
    assert told == {"before": (False, False), "after": (True, True)}


def test_money_in_the_chart_of_all_options_says_in_whose_prices(tmp_path: Path) -> None:
    with style.house_style():
        chart = options_side_by_side(ResultsFolder(write_results(tmp_path / "run")))
    assert chart is not None
    titles = [axes.get_title(loc="left") for axes in chart.figure.axes]
    assert "Total cost, 2013-14\nprices" in titles


def test_a_name_in_a_narrow_place_is_not_cut(tmp_path: Path) -> None:
    long = "Files ready, with a trainer for every station"
    folder = write_results(
        tmp_path / "run", scenarios=(*SCENARIOS, "third"), labels={"third": long}
    )
    for draw in (cost_by_agency, chance_of_backlog):
        with style.house_style():
            chart = draw(ResultsFolder(folder))
        assert chart is not None
        told = [
            " ".join(text.split())
            for axes in chart.figure.axes
            for text in (axes.get_title(loc="left"), *(one.get_text() for one in axes.texts))
        ]
        assert any(one.endswith(long) for one in told), (draw.__name__, told)


def test_caveats_count_in_plain_words(tmp_path: Path) -> None:
    told = caveats(ResultsFolder(write_results(tmp_path / "run")), [])
    assert any(one.startswith("All 3 changes that the options make are") for one in told), told


def test_marks_below_the_bars_of_withdrawals_stay_apart(tmp_path: Path) -> None:
    scenarios = (*SCENARIOS, "third")
    folder = write_results(tmp_path / "run", scenarios=scenarios, duties=True)
    with style.house_style():
        chart = victim_duties(ResultsFolder(folder))
        assert chart is not None
        chart.figure.canvas.draw()
        lowest = min(axes.get_position().y0 for axes in chart.figure.axes)
        looked_at = 0
        for axes in chart.figure.axes:
            if axes.get_position().y0 == lowest:
                zero, mark = (one.get_window_extent() for one in axes.get_xticklabels())
                assert zero.x1 < mark.x0
                looked_at += 1
    assert looked_at == len(scenarios)


def test_the_level_that_a_backlog_is_held_against_is_whole_cases(tmp_path: Path) -> None:
    """Half a case was told as a whole one: "at most 92: baseline none", where it had 92."""
    results = ResultsFolder(write_results(tmp_path / "run", scenarios=SCENARIOS[:2]))
    held = {("baseline", "m"): np.array([92.0]), ("north_pilot", "m"): np.array([91.0])}
    level = threshold(results, "all", held, "m")
    assert level == round(level)
    with style.house_style():
        chart = chance_of_backlog(results)
    assert chart is not None
    for axes in chart.figure.axes:
        ticks = [one.get_text() for one in axes.get_xticklabels() if axes.axison]
        assert len(ticks) == len(set(ticks))
