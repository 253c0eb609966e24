"""Files of published figures: nothing in them that the register lacks; fits up to date."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cjsim.calibration.fitting.fit import fit_published, select_for_file
from cjsim.calibration.fitting.goodness import as_model_duration, goodness
from cjsim.calibration.fitting.published import load_fit_file
from cjsim.calibration.fitting.report import fit_toml
from cjsim.errors import Faults
from cjsim.schema.base import Duration
from cjsim.schema.register import register_near
from tests.conftest import ROOT

FILES = sorted((ROOT / "calibration" / "fits").glob("*.toml"))
REGISTER = (
    "id,figure,value,unit,period,geography,publication,url,status,note\n"
    'bail_mean,Mean,"1,053",days,2015,England,A study,,published,41 % within 28\n'
)
GOOD = """
title = "Bail"
what = "From bail to its end"
unit = "days"
[[figure]]
kind = "mean"
value = 1053
source = "bail_mean"
"""
HISTOGRAM = '[histogram]\nsource = "bail_mean"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "calibration" / "fits").mkdir(parents=True)
    (tmp_path / "calibration" / "register.csv").write_text(REGISTER, encoding="utf-8")
    return tmp_path / "calibration" / "fits" / "bail.toml"


def faults(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Faults) as raised:
        load_fit_file(path)
    return raised.value.report()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_kept_fit_is_what_its_file_gives(path: Path) -> None:
    file = load_fit_file(path)
    selection = select_for_file(file, path.name)
    kept = tomllib.loads((path.with_suffix("") / "fit.toml").read_text(encoding="utf-8"))
    good = goodness(selection.chosen, file.data())
    again = tomllib.loads(fit_toml(selection, file.unit, good, made="", name=f"fit_{path.stem}"))
    assert again["distribution"]["family"] == kept["distribution"]["family"]
    assert again["agreement"]["as_good"] == kept["agreement"]["as_good"]
    assert again["agreement"]["outside_tolerance"] == kept["agreement"]["outside_tolerance"]
    assert again["summaries"] == pytest.approx(kept["summaries"], rel=0.01)
    for key, value in kept["duration"].items():
        exact = isinstance(value, str)
        assert again["duration"][key] == (value if exact else pytest.approx(value, rel=0.01)), key
    report = (path.with_suffix("") / "report.md").read_text(encoding="utf-8")
    assert report.startswith(f"# {file.title}\n")
    assert (path.with_suffix("") / "fit.svg").is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_fit_is_a_row_of_the_register_and_a_duration_of_a_model(path: Path) -> None:
    kept = tomllib.loads((path.with_suffix("") / "fit.toml").read_text(encoding="utf-8"))
    duration = Duration.model_validate(kept["duration"])
    row = (register_near(ROOT) or {})[duration.source]
    assert row["status"] == "fitted"
    assert row["unit"] == duration.unit
    given = [duration.median, duration.p90, *([duration.at_once] if duration.at_once else [])]
    assert [float(value) for value in row["value"].split("; ")] == pytest.approx(given)


def test_no_fit_uses_what_models_are_to_be_judged_by() -> None:
    register = register_near(ROOT) or {}
    kept_apart = {name for name, row in register.items() if "never fitted" in row["note"]}
    assert len(kept_apart) >= 4
    for path in FILES:
        assert not kept_apart & set(load_fit_file(path).sources()), path.name


def test_a_number_that_the_register_does_not_hold_is_refused(place: Path) -> None:
    assert "does not contain 1054" in faults(place, GOOD.replace("1053", "1054"))
    near = faults(place, GOOD.replace('"bail_mean"', '"bail_maen"'))
    assert 'Did you mean "bail_mean"?' in near


def test_a_share_may_stand_in_the_register_in_per_cent(place: Path) -> None:
    place.write_text(
        GOOD + '[[figure]]\nkind = "share_above"\nat = 28\nvalue = 0.41\nsource = "bail_mean"\n',
        encoding="utf-8",
    )
    assert load_fit_file(place).data().figures[1].value == 0.41


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        (('kind = "mean"', 'kind = "quantile"'), "needs at"),
        (("value = 1053", "value = 1053\nat = 3"), "a mean takes no at"),
        (("value = 1053", "value = 0"), "is only a share completed at once"),
        (("value = 1053", "value = []"), "the value must be 0 or more"),
        (('"bail_mean"', '"assumption"'), "an assumed figure needs its range"),
        (('unit = "days"', 'unit = "weeks"'), "unit"),
        (('unit = "days"', 'unit = "days"\nlaws = 3'), "laws"),
        (
            ("[[figure]]", HISTOGRAM + "edges = [0, 1]\ncounts = [1, 2, 3]\n[[figure]]"),
            "3 counts need 4 edges",
        ),
        (
            ("[[figure]]", HISTOGRAM + "edges = [0, 3, 2]\ncounts = [1, 2]\n[[figure]]"),
            "the edges must rise",
        ),
    ],
)
def test_a_slip_is_told(place: Path, slip: tuple[str, str], told: str) -> None:
    assert told in faults(place, GOOD.replace(*slip))


def test_figures_that_determine_no_law_are_told_before_anything_is_written(place: Path) -> None:
    place.write_text(GOOD, encoding="utf-8")
    with pytest.raises(Faults, match="1 figure does not determine any distribution"):
        fit_published(place)
    assert not place.with_suffix("").exists()


def test_values_of_several_periods_are_one_figure_as_wide_as_their_range() -> None:
    path = next(path for path in FILES if path.stem == "crown_receipt_to_completion")
    mean, median = load_fit_file(path).data().figures
    assert (mean.value, mean.tolerance) == (150.0, 16.0)
    assert (median.kind, median.at) == ("quantile", 0.5)
    assert median.tolerance == pytest.approx(0.05 * 130.5)


def test_a_fit_writes_law_report_and_chart(place: Path) -> None:
    place.write_text(
        GOOD + '[[figure]]\nkind = "median"\nvalue = 28\nsource = "bail_mean"\n', encoding="utf-8"
    )
    folder, lines = fit_published(place)
    assert sorted(path.name for path in folder.glob("[!.]*")) == [
        "fit.svg",
        "fit.toml",
        "report.md",
    ]
    assert any("chosen" in line for line in lines)
    before = (folder / "fit.svg").read_bytes()
    fit_published(place)
    assert (folder / "fit.svg").read_bytes() == before, "the same figures give the same bytes"


def test_trials_want_two_parts_and_a_model_can_say_only_one() -> None:
    path = next(path for path in FILES if path.stem == "crown_trial_length")
    selection = select_for_file(load_fit_file(path), "")
    assert selection.chosen.distribution.family.name == "two_lognormals"
    assert not selection.as_good
    assert 0.01 < as_model_duration(selection).gap < 0.06
