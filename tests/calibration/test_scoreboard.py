"""The scoreboard: what fails stays in it, in red, with the sentence that says why."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cjsim.calibration.history_matching.config import calibration_of, load_calibration
from cjsim.calibration.validate import BLIND, COMPARED, FITTED, SEEN, SHAPE, Check
from cjsim.calibration.validation_report import (
    RED,
    Section,
    markdown,
    page,
    scoreboard_of,
    write_folder,
)
from cjsim.errors import Faults

INSIDE = Check(
    "a",
    "Wait | first",
    "days",
    10.0,
    8.0,
    12.0,
    10.2,
    10.0,
    10.4,
    5,
    "a source",
    half=(9.0, 11.0),
    use=FITTED,
    vintage="2013",
    counting_unit="cases",
)
OUT = replace(
    INSIDE,
    id="b",
    title="Age <b>",
    mean=15.0,
    from_=14.9,
    to=15.1,
    use=BLIND,
    when_out="it is of another year.",
)


def board(*checks: Check, sections: tuple[Section, ...] = ()) -> str:
    return markdown(scoreboard_of(Path("models/staffordshire_2013"), checks, sections=sections))


def test_what_fails_is_red_and_says_why() -> None:
    text = board(INSIDE, OUT)
    assert "1 of 2 targets in (1 of 1 fitted, 0 of 1 blind); 1 within half" in text
    assert text.index("## Fitted") < text.index("## Blind")
    assert "🔴 **OUT**" in text
    assert "- 🔴 **Age <b>**: It is of another year." in text
    assert "| Wait \\| first |" in text
    assert "a source; cases; 2013." in text


def test_each_figure_says_whether_half_of_its_tolerance_would_do() -> None:
    further = replace(INSIDE, title="Further", mean=11.5, from_=11.0, to=12.0)
    nearly = replace(INSIDE, title="Nearly", mean=11.9, from_=11.5, to=12.3)
    half = replace(INSIDE, title="Half")
    rows = {line.split(" | ")[0]: line for line in board(half, further, nearly).splitlines()}
    assert rows["| Half"].endswith("| in, within half |")
    assert rows["| Further"].endswith("| in |")
    assert rows["| Nearly"].endswith("| in, at the edge |")


def test_what_a_law_says_is_not_called_published() -> None:
    text = board(INSIDE, replace(INSIDE, use=SHAPE))
    fitted, shapes = text[text.index("## Fitted") :].split("## Shapes")
    assert "| published |" in fitted
    assert "| fitted |" in shapes
    assert "| published |" not in shapes


def test_a_miss_that_nobody_explained_says_so() -> None:
    assert "No reason is known yet" in board(replace(OUT, when_out=""))


def test_a_page_is_safe_and_red() -> None:
    text = page(scoreboard_of(Path("models/staffordshire_2013"), [INSIDE, OUT]))
    assert "Age &lt;b&gt;" in text
    assert f"tr.out td {{ color: {RED}" in text
    assert text.count('<tr class="out">') == 1
    assert "It is of another year." in text


def test_a_section_of_errors_can_be_added() -> None:
    errors = Section(
        "Back-cast",
        "Share of the open caseload.",
        ("method", "1 quarter", "8 quarters"),
        (("this model", "2 %", "9 %"), ("drift", "3 %", "20 %")),
        frozenset({1}),
    )
    text = board(INSIDE, sections=(errors,))
    assert "## Back-cast" in text
    assert "| 🔴 drift | 3 % | 20 % |" in text
    shown = page(scoreboard_of(Path("models/staffordshire_2013"), [INSIDE], sections=(errors,)))
    assert shown.count('<tr class="out">') == 1


def test_a_folder_holds_it_three_times(tmp_path: Path) -> None:
    nothing = replace(OUT, id="c", mean=math.nan, from_=math.nan, to=math.nan, n=0)
    one = scoreboard_of(Path("models/staffordshire_2013"), [INSIDE, OUT, nothing])
    folder = write_folder(one, tmp_path / "there")
    names = ["scoreboard.html", "scoreboard.md", "scoreboard.parquet"]
    assert sorted(path.name for path in folder.glob("[!.]*")) == names
    rows = pq.read_table(folder / "scoreboard.parquet").to_pylist()
    assert [row["inside"] for row in rows] == [True, False, False]
    assert [row["why"] for row in rows] == ["", OUT.when_out, OUT.when_out]
    assert rows[2]["simulated"] is None


@pytest.mark.parametrize(("mean", "z"), [(10.0, 0.0), (12.0, 3.0), (8.0, -3.0), (14.0, 6.0)])
def test_at_the_edge_of_what_is_allowed_z_is_three(mean: float, z: float) -> None:
    exact = replace(INSIDE, mean=mean, from_=mean, to=mean)
    assert exact.z == pytest.approx(z)
    uncertain = replace(INSIDE, mean=mean, from_=mean - 2, to=mean + 2)
    assert abs(uncertain.z) <= abs(exact.z)
    assert math.isnan(replace(exact, high=math.inf).z)


def test_half_of_a_tolerance_is_stricter() -> None:
    assert INSIDE.inside_half
    assert not replace(INSIDE, mean=11.5).inside_half
    assert replace(INSIDE, mean=11.5).inside


# --- what is held out ---------------------------------------------------------------------------


def test_staffordshire_holds_out_what_it_must(root: Path) -> None:
    prepared = load_calibration(calibration_of(root / "models" / "staffordshire_2013"))
    held = {target.id: target for target in prepared.not_fitted}
    kinds = {target.kpi for target in held.values()}
    assert kinds == {
        "first_listing_to_trial_days",
        "receipt_to_trial_days",
        "dropped_for_victim",
        "hearings_per_case",
        "open_cases",
        "receipt_to_completion_by_offence_days",
        "trials_effective_share",
        "trials_cracked_share",
        "trials_ineffective_share",
        "trials_by_reason",
        "trial_hearings",
        "committed_for_sentence_share",
        "conviction_rate",
    }
    assert {target.court for target in held.values()} == {"magistrates", "crown", "all"}
    assert all(prepared.settings.not_fitted.values())
    assert not {target.id for target in prepared.fitted} & set(held)
    assert 8 <= len(prepared.factors) <= 12


def test_every_target_says_of_when_it_is_and_what_it_counts(root: Path) -> None:
    prepared = load_calibration(calibration_of(root / "models" / "staffordshire_2013"))
    for target in prepared.targets.target:
        assert target.vintage, target.id
        assert target.counting_unit, target.id


def test_the_held_out_figures_of_the_register_are_those(root: Path) -> None:
    prepared = load_calibration(calibration_of(root / "models" / "staffordshire_2013"))
    with (root / "calibration" / "register.csv").open(encoding="utf-8", newline="") as file:
        values = {row["id"]: row["value"] for row in csv.DictReader(file)}
    for target in prepared.not_fitted:
        assert float(values[target.id].split(";")[0]) == target.published, target.id


def test_fitted_seen_and_blind_have_a_table_each() -> None:
    text = board(OUT, replace(OUT, id="c", use=SEEN), INSIDE)
    assert "1 of 3 targets in (0 of 1 blind, 0 of 1 seen, 1 of 1 fitted)" in text
    places = [text.index(f"## {title}") for title in ("Fitted", "Seen", "Blind")]
    assert places == sorted(places)


def test_what_is_seen_is_not_held_out_as_well(root: Path, tmp_path: Path) -> None:
    source = root / "calibration" / "toy.toml"
    text = source.read_text(encoding="utf-8")
    for folder in ("../models", "targets/"):
        text = text.replace(f'"{folder}', f'"{root / "calibration" / folder}/'.replace("//", "/"))
    file = tmp_path / "toy.toml"
    name = text.split("[held_out]\n")[1].split(" =")[0]
    file.write_text(f'{text}\n[seen]\n{name} = "looked at"\n', encoding="utf-8")
    with pytest.raises(Faults, match=f'"{name}" is seen and held out'):
        load_calibration(file)


def test_a_model_without_a_calibration_is_only_compared() -> None:
    assert Check("a", "A", "days", 1.0, 0.5, 1.5, 1.0, 1.0, 1.0, 3, "x").use == COMPARED
