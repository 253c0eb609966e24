"""The back-cast of a results folder, shown: the scoreboard, its page and its chart."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cjsim.calibration.backcast.ages import age_shares
from cjsim.calibration.backcast.chart import write_chart
from cjsim.calibration.backcast.court_activity import disposals, read_work, work_of
from cjsim.calibration.backcast.run import TABLE, read_quarters
from cjsim.calibration.backcast.scores import Quarter, read_forecasts, read_series
from cjsim.calibration.backcast.text import (
    ages_page,
    as_html,
    scoreboard_page,
    scoreboard_text,
    work_page,
)
from cjsim.errors import Fault, Faults
from cjsim.experiment.open_ages import read_bands
from cjsim.experiment.results import Results, read_results
from cjsim.scenarios.load import load_experiment
from cjsim.schema.experiment import Experiment
from cjsim.storage.outputs import write_output

PAGE: Final = "backcast.md"
HTML: Final = "backcast.html"
SCOREBOARD: Final = "backcast_scoreboard.md"


def show_backcast(folder: Path, *, docs: Path | None = None) -> str:
    """The scoreboard as text; pages and chart are written beside the results, and into `docs`.

    Raises Faults where there is no back-cast.
    """
    results = read_results(folder)
    quarters = read_quarters(results.folder / TABLE)
    experiment = _experiment(results)
    assert experiment.backcast is not None
    origin = experiment.backcast.origin
    published = read_series(experiment.published_file or Path(), origin)
    forecasts = read_forecasts(experiment.published_file or Path())
    page = scoreboard_page(quarters, published, origin, forecasts)
    if experiment.ages_file is not None:
        ages = age_shares(results.kpis, experiment.backcast, read_bands(experiment.ages_file))
        page = f"{page}\n{ages_page(ages)}"
    if experiment.published_file is not None and (known := read_work(experiment.published_file)):
        ended = disposals(experiment.published_file)
        work = work_of(results.kpis, known, ended, experiment.backcast.judged_to)
        page = f"{page}\n{work_page(work)}"
    _write(page, results.folder / PAGE)
    _write(as_html(page, f"{experiment.title}: scoreboard"), results.folder / HTML)
    one_in = results.model(results.scenarios[0]).one_in
    _draw(quarters, results, results.folder / "charts", one_in)
    if docs is not None:
        _write(f"{_HEAD}\n\n{page}", docs / SCOREBOARD)
        _draw(quarters, results, docs / "images", one_in)
    return scoreboard_text(quarters, published, origin)


_HEAD: Final = """# The scoreboard of the Crown Court back-cast

Written by `cjsim backcast results/crown_backcast --docs docs`; what it means stands in
[the back-cast](backcast.md)."""


def _write(text: str, path: Path) -> None:
    write_output(text.rstrip("\n") + "\n", path, "backcast")


def _draw(quarters: list[Quarter], results: Results, folder: Path, one_in: float) -> None:
    version = results.manifest.get("versions", {}).get("cjsim", "")
    run = results.manifest["run_id"]
    source = (
        f"Source: simulation with cjsim {version}, run {run}; published: Ministry of Justice, "
        "Criminal court statistics quarterly."
    )
    write_chart(quarters, folder, one_in=one_in, source=source)


def _experiment(results: Results) -> Experiment:
    """The experiment of a run, from the file that the run names. Raises Faults."""
    file = results.experiment_file
    if file is None:
        kept = str(results.manifest["experiment"]["file"])
        wrong = "the experiment of this run is not to be found."
        raise Faults([Fault(kept, "", wrong, "Go to the folder of the study that holds it.")])
    found = load_experiment(file)
    if found.backcast is None:
        wrong = "this experiment asks for no back-cast any more."
        raise Faults([Fault(str(file), "backcast", wrong, "Add the table [backcast].")])
    return found
