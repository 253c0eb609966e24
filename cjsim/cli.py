"""The commands. No logic here, and nothing heavy at import: `cjsim --help` must be quick."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

import cjsim

if TYPE_CHECKING:
    import datetime as dt

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
COUNT = click.IntRange(min=1)
REPLICATIONS = click.IntRange(1, 10_000)
YEARS = click.IntRange(1, 50)


def examples(*lines: str) -> str:
    """The end of a command's help: its examples, kept line by line."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def interrupt_again(ignored: Any) -> None:
    """Let Ctrl-C come again when it fell into a callback, where Python can only ignore it."""
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        threading.Timer(0.05, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(ignored)


def complains(command: Command) -> Command:
    """Turn what the user can mend into a message and an exit code, and Ctrl-C into 130."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from cjsim.errors import Faults
        from cjsim.experiment.executor import RunFailed

        sys.unraisablehook = interrupt_again
        try:
            return command(*args, **kwargs)
        except Faults as faults:
            click.echo(faults.report(), err=True)
            sys.exit(2)
        except RunFailed as failed:
            click.echo(str(failed), err=True)
            sys.exit(1)
        except OSError as error:
            # A folder that cannot be written, a full disk: the place and what is wrong with it.
            place = f"{error.filename}: " if error.filename else ""
            click.echo(f"{place}{error.strerror or error}.", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("Interrupted. Nothing was kept.", err=True)
            sys.exit(130)

    return wrapped  # type: ignore[return-value]  # wraps keeps the signature that click reads


def note(message: str) -> None:
    """Something that the reader of the results should know, on stderr."""
    click.echo(f"Note: {message}", err=True)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("cjsim run experiments/prosecute_not_process.toml --replications 4"),
)
@click.version_option(cjsim.__version__, message="cjsim %(version)s")
def main() -> None:
    """Simulate a criminal justice system, from arrest to disposal."""


@main.command(epilog=examples("cjsim check models/toy experiments/*.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@complains
def check(files: tuple[Path, ...]) -> None:
    """Check models and experiments.

    A folder is a model, a file an experiment. Every fault of all of them is told at once.
    """
    from cjsim.experiment.check import check_files

    for line in check_files(files):
        click.echo(line)


@main.command(
    epilog=examples(
        "cjsim run experiments/prosecute_not_process.toml",
        "cjsim run experiments/prosecute_not_process.toml --replications 4 --workers 2",
        "cjsim run experiments/prosecute_not_process.toml --scenario north_pilot",
    )
)
@click.argument("experiment", type=FILE)
@click.option("--replications", type=REPLICATIONS, help="Instead of the number in the file.")
@click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
@click.option("--out", type=FILE, default=Path("results"), show_default=True, help="Where to.")
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed in the file.")
@click.option("--scenario", "scenarios", multiple=True, help="Only this one and the baseline.")
@click.option("--fresh", is_flag=True, help="Run again what has been run before.")
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@complains
def run(
    *,
    experiment: Path,
    replications: int | None,
    workers: int | None,
    out: Path,
    seed: int | None,
    scenarios: tuple[str, ...],
    fresh: bool,
    everything: bool,
) -> None:
    """Run an experiment.

    All its scenarios run, to a results folder and a comparison with the baseline.
    """
    from cjsim.experiment.progress import progress_on_stderr
    from cjsim.experiment.results import read_results
    from cjsim.experiment.run import run_experiment
    from cjsim.experiment.show import comparison_text

    with progress_on_stderr() as progress:
        folder = run_experiment(
            experiment,
            replications=replications,
            workers=workers,
            out=out,
            seed=seed,
            scenarios=scenarios,
            fresh=fresh,
            progress=progress,
            say=note,
        )
    results = read_results(folder)
    click.echo(comparison_text(results, everything=everything))
    click.echo(f"\nResults: {folder}")


@main.command(
    epilog=examples(
        "cjsim validate models/staffordshire_2013",
        "cjsim validate models/staffordshire_2013 --replications 4 --years 3",
    )
)
@click.argument("model", type=FILE, default=Path("models/staffordshire_2013"))
@click.option(
    "--replications", type=REPLICATIONS, help="Instead of the number in the targets file."
)
@click.option("--workers", type=COUNT, help="Processes; all processors when not given.")
@click.option(
    "--years", type=YEARS, default=1, show_default=True,
    help="Length of the run; from 3 on, the open caseload is checked too.",
)  # fmt: skip
@complains
def validate(model: Path, replications: int | None, workers: int | None, years: int) -> None:
    """Hold a model against published figures.

    The baseline is simulated after its warm-up: each figure is in or out, with its interval.
    """
    from cjsim.calibrate.show import checks_text
    from cjsim.calibrate.validate import validate as validate_model
    from cjsim.experiment.progress import progress_on_stderr

    with progress_on_stderr() as progress:
        checks = validate_model(
            model,
            replications=replications,
            workers=workers,
            years=years,
            progress=progress,
            say=note,
        )
    click.echo(checks_text(checks))


@main.command(
    epilog=examples(
        "cjsim compare results/prosecute_not_process",
        "cjsim compare results/prosecute_not_process/1a2b3c4d5e6f --baseline north_pilot --all",
    )
)
@click.argument("results", type=FILE)
@click.option("--baseline", help="The scenario that the others are held against.")
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the watched.")
@complains
def compare(*, results: Path, baseline: str | None, everything: bool) -> None:
    """Compare the scenarios of a run.

    The differences are paired by replication, with 95 % intervals and words.
    """
    from cjsim.experiment.results import read_results
    from cjsim.experiment.show import comparison_text

    click.echo(comparison_text(read_results(results), baseline=baseline, everything=everything))


@main.command(epilog=examples("cjsim report results/prosecute_not_process"))
@click.argument("results", type=FILE)
@complains
def report(results: Path) -> None:
    """Write the charts and board.html of a run."""
    from cjsim.experiment.results import find_results
    from cjsim.report import write_report

    click.echo(f"Report: {write_report(find_results(results))}")


@main.command(
    epilog=examples(
        "cjsim trace models/staffordshire_2013 --case 17",
        "cjsim trace models/staffordshire_2013 --case 17 \\",
        "    --experiment experiments/prosecute_not_process.toml --scenario north_pilot",
    )
)
@click.argument("model", type=FILE)
@click.option("--case", type=int, required=True, help="The number of the case.")
@click.option("--experiment", type=FILE, help="Trace it in this experiment's period and seed.")
@click.option("--scenario", default="baseline", show_default=True, help="In this scenario.")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the experiment's seed.")
@click.option(
    "--from", "first_day", type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the year traced; 1 April of the model's price base when not given.",
)  # fmt: skip
@complains
def trace(
    *,
    model: Path,
    case: int,
    experiment: Path | None,
    scenario: str,
    replication: int,
    seed: int | None,
    first_day: dt.datetime | None,
) -> None:
    """Tell one case's life line by line.

    With dates, agencies, waits, reasons, contacts in time or late, and cost. Without an experiment
    the model is followed for its warm-up and one year.
    """
    from cjsim.experiment.trace import trace as trace_case

    lines = trace_case(
        model,
        case,
        experiment=experiment,
        scenario=scenario,
        replication=replication,
        seed=seed,
        study_from=first_day.date() if first_day else None,
        say=note,
    )
    for line in lines:
        click.echo(line)


@main.command(
    epilog=examples(
        "cjsim snapshot models/staffordshire_2013 \\",
        "    --out models/staffordshire_2013/opening_caseload.csv --on 2013-04-01 --seed 20130401",
    )
)
@click.argument("model", type=FILE)
@click.option("--out", type=FILE, required=True, help="The table to write, a CSV file.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]),
    help="The day; 1 April of the model's price base when not given.",
)  # fmt: skip
@complains
def snapshot(
    *, model: Path, out: Path, seed: int, replication: int, day: dt.datetime | None
) -> None:
    """Write the cases that are open on a day as a table.

    The model's warm-up is run up to that day. An experiment whose [run] names the table as its
    `opening` starts with these cases, in every scenario, and needs no warm-up.
    """
    from cjsim.experiment.snapshot import write_snapshot

    on = day.date() if day else None
    cases, on = write_snapshot(model, out, seed=seed, replication=replication, on=on)
    click.echo(f"{out}: {cases} cases open on {on}")


@main.command(
    epilog=examples(
        "cjsim explain forks.file_ready.probability",
        "cjsim explain file_ready --model models/toy",
    )
)
@click.argument("name")
@click.option(
    "--model", type=FILE, default=Path("models/staffordshire_2013"), show_default=True,
    help="The model that the value is of.",
)  # fmt: skip
@complains
def explain(name: str, model: Path) -> None:
    """Explain a number of a model, or a measure.

    A number's value, unit, source, evidence, changes, and where the journey uses it; a measure's
    unit and definition.
    """
    from cjsim.measures.registry import explain_measure
    from cjsim.spec.explain import explain as explain_parameter
    from cjsim.spec.load import load_model
    from cjsim.spec.register import register_near

    for line in explain_measure(name) or explain_parameter(
        load_model(model), name, register=register_near(model)
    ):
        click.echo(line)


@main.command(
    epilog=examples(
        "cjsim evidence",
        "cjsim evidence pre_charge_bail_mean_days",
        "cjsim evidence --assumptions docs/assumptions.md",
    )
)
@click.argument("figure", required=False)
@click.option(
    "--models", type=FILE, default=Path("models"), show_default=True,
    help="The folder of the models that rest on the register near it.",
)  # fmt: skip
@click.option("--assumptions", type=FILE, help="Write the assumptions to this Markdown file.")
@complains
def evidence(figure: str | None, models: Path, assumptions: Path | None) -> None:
    """Show published figures and what rests on them.

    Without FIGURE the whole register; with it, its source, and every parameter, target and fit that
    rests on it.
    """
    from cjsim.calibrate import evidence as room

    known = room.read_evidence(models)
    if assumptions is not None:
        room.write_assumptions(known, assumptions)
        click.echo(f"Assumptions: {assumptions}")
    elif figure is None:
        click.echo(room.register_text(known))
    else:
        click.echo("\n".join(room.figure_lines(known, figure)))


@main.command(
    epilog=examples(
        "cjsim fit calibration/fits/pre_charge_bail.toml",
        "cjsim fit --example cases.csv --model models/toy",
        "cjsim fit --data cases.csv --as-of 2014-03-31 --by-group",
    )
)
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE...]")
@click.option("--data", type=FILE, help="Fit an extract of cases instead: a CSV file.")
@click.option("--example", type=FILE, help="Write an example of an extract there.")
@click.option(
    "--model", type=FILE, default=Path("models/toy"), show_default=True,
    help="The model whose simulated cases are the example.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--out", type=FILE, help="The folder to write; beside the file when not given.")
@click.option("--by-group", is_flag=True, help="Fit each offence group too.")
@click.option(
    "--smallest", type=click.IntRange(min=5), default=5, show_default=True,
    help="Show no number of fewer cases than this.",
)  # fmt: skip
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which open cases are open; the last in the extract when not given.",
)  # fmt: skip
@click.option("--leave-out-bad-rows", is_flag=True, help="Name bad rows, and fit the others.")
@complains
def fit(
    *,
    files: tuple[Path, ...],
    data: Path | None,
    example: Path | None,
    model: Path,
    seed: int,
    out: Path | None,
    by_group: bool,
    smallest: int,
    as_of: dt.datetime | None,
    leave_out_bad_rows: bool,
) -> None:
    """Fit lengths of time to figures or cases.

    A file of calibration/fits/ names published figures; an extract holds an agency's own cases,
    with the columns of docs/fitting.md. Laws, report and chart go to a folder.
    """
    if sum([bool(files), data is not None, example is not None]) != 1:
        raise click.UsageError("Give files of published figures, or --data, or --example.")
    if example is not None:
        from cjsim.calibrate.extract import write_example

        rows, last = write_example(example, model, seed=seed)
        click.echo(f"{example}: {rows} made-up cases, open ones as of {last}")
    elif data is not None:
        from cjsim.calibrate.fit_cases import fit_extract

        folder, lines = fit_extract(
            data,
            out=out,
            by_group=by_group,
            smallest=smallest,
            as_of=as_of.date() if as_of else None,
            leave_out_bad_rows=leave_out_bad_rows,
        )
        click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))
    else:
        from cjsim.calibrate.fit_published import fit_published

        if out is not None and len(files) > 1:
            raise click.UsageError("--out is for one file.")
        for file in files:
            folder, lines = fit_published(file, out)
            click.echo("\n".join([*lines, f"Report: {folder / 'report.md'}"]))


if __name__ == "__main__":
    main()
