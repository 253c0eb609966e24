"""The register turned round: what rests on a figure, and the list of what rests on none."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cjsim.calibration.evidence import (
    STATUS,
    Evidence,
    assumptions_markdown,
    figure_lines,
    read_evidence,
    register_text,
)
from cjsim.cli.main import main
from cjsim.errors import Faults


@pytest.fixture(scope="module")
def evidence(root: Path) -> Evidence:
    return read_evidence(root / "models")


def test_a_figure_shows_its_source_and_each_number_that_rests_on_it(evidence: Evidence) -> None:
    text = "\n".join(figure_lines(evidence, "pre_charge_bail_mean_days"))
    assert "College of Policing" in text
    assert "models/staffordshire_2013: stages.outstanding_enquiries.duration" in text
    assert "(estimated)" in text
    assert "cjsim/england_wales/journey/police.py:" in text
    assert "calibration/fits/pre_charge_bail.toml: Pre-charge bail" in text


def test_a_figure_shows_the_targets_that_it_judges(evidence: Evidence) -> None:
    lines = figure_lines(evidence, "detention_mean_hours")
    told = lines[lines.index("Targets judged by it") + 1]
    assert told.endswith("Mean time in police detention, 12.9 to 14.5 hours (detention_hours)")


def test_every_number_of_every_model_is_found_below_its_figure(evidence: Evidence) -> None:
    named = {parameter.value.source for parameter in evidence.parameters} & set(evidence.register)
    assert len(named) > 40
    for name in sorted(named):
        told = "\n".join(figure_lines(evidence, name))
        resting = [one for one in evidence.parameters if one.value.source == name]
        assert told.count("\n  models/") == len(resting), name


def test_a_slip_gets_a_suggestion(evidence: Evidence) -> None:
    with pytest.raises(Faults, match='Did you mean "ways_out_of_custody"'):
        figure_lines(evidence, "ways_out")
    with pytest.raises(Faults, match='Did you mean "detention_mean_hours"'):
        figure_lines(evidence, "detention_mean_hour")


def test_the_table_holds_every_figure_and_counts_what_rests_on_it(evidence: Evidence) -> None:
    text = register_text(evidence)
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.strip()}
    assert set(evidence.register) <= set(rows)
    # Two parameters, no target, one fit: the last cells of its line.
    assert rows["pre_charge_bail_mean_days"][-2:] == ["1", "1"]
    assert f"{len(evidence.register)} figures" in text


def test_every_status_is_explained(evidence: Evidence) -> None:
    assert {row["status"] for row in evidence.register.values()} == set(STATUS)


def test_the_list_holds_every_assumption_of_every_real_model(evidence: Evidence) -> None:
    text = assumptions_markdown(evidence)
    real = [one for one in evidence.parameters if not one.model.endswith("/toy")]
    assumed = [one for one in real if one.value.source == "assumption"]
    assert len(assumed) > 100
    assert text.count("\n| `") == len(assumed)


def test_the_command_says_what_is_wrong(tmp_path: Path, root: Path) -> None:
    done = CliRunner().invoke(main, ["evidence", "--models", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "there is no such folder of models" in done.stderr
    done = CliRunner().invoke(main, ["evidence", "--models", str(tmp_path)])
    assert "no calibration/register.csv" in done.stderr
    known = CliRunner().invoke(
        main, ["evidence", "ways_out_of_custody", "--models", str(root / "models")]
    )
    assert "multiway_branches.way_out_of_custody.shares" in known.output
