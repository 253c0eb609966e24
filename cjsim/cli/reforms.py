"""The commands on reforms: the register, and the test of a published claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cjsim.cli.options import (
    FILE,
    FRESH,
    REPLICATIONS,
    RESULTS,
    WORKERS,
    examples,
    force_option,
    print_note,
    reports_errors,
)
from cjsim.cli.studies import study
from cjsim.storage.paths import refuse_as_output, refuse_as_output_folder

if TYPE_CHECKING:
    from cjsim.experiment.designs.study import StudyOptions


@click.command(
    epilog=examples(
        "cjsim reforms",
        "cjsim reforms results/body_worn_video results/virtual_courts",
        "cjsim reforms --run --dry-run",
        "cjsim reforms --run --until-decided 12 --write docs/reforms.md",
    )
)
@click.argument("results", type=FILE, nargs=-1)
@click.option(
    "--experiments",
    type=FILE,
    default=Path("experiments"),
    show_default=True,
    help="Folder of the experiments that describe reforms.",
)
@click.option("--run", "small", is_flag=True, help="Run each reform that has no results yet.")
@click.option("--months", type=click.IntRange(1, 60), help="Length of those runs (default: 6).")
@click.option("--replications", type=REPLICATIONS, help="Replications of those runs (default: 6).")
@click.option(
    "--until-decided",
    type=REPLICATIONS,
    help="Double the replications of undecided reforms, up to this number.",
)
@WORKERS
@RESULTS
@FRESH
@click.option(
    "--dry-run", is_flag=True, help="Estimate time, memory and disk space of --run without running."
)
@click.option("--write", type=FILE, help="Also write the page to this file.")
@force_option
@reports_errors
def reforms(
    *,
    results: tuple[Path, ...],
    experiments: Path,
    small: bool,
    months: int | None,
    replications: int | None,
    until_decided: int | None,
    workers: int | None,
    out: Path,
    fresh: bool,
    dry_run: bool,
    write: Path | None,
) -> None:
    """List reforms with published and simulated effects.

    The simulated effects come from RESULTS (folders of runs), or from the output directory. With
    --run the command runs the reforms that have no results, with few replications. Finished runs
    are saved: the same command continues after an interruption, and writes the page again after
    each group of reforms.
    """
    from cjsim.experiment.designs.study import StudyOptions
    from cjsim.experiment.progress import progress_on_stderr
    from cjsim.reforms.quick_runs import MONTHS, quick_run_lines, run_quick
    from cjsim.reforms.register import (
        effects_in,
        effects_kept_in,
        entries,
        reforms_in,
        register_page,
        register_text,
    )
    from cjsim.storage.outputs import refuse_what_is_in_the_way, write_output

    refuse_as_output_folder(out)
    if write is not None:
        refuse_as_output(write, "--write")
        refuse_what_is_in_the_way([write])
    known = reforms_in(experiments)
    # --run reads the results of its own earlier runs.
    use_saved = not (results or small or dry_run)
    effects = effects_kept_in(out, known) if use_saved else effects_in(results, known)
    missing = [reform for reform in known if reform.path.stem not in effects]
    conditions = StudyOptions(
        replications=replications,
        workers=workers,
        out=out,
        fresh=fresh,
        resume=not fresh,
        say=print_note,
    )
    if dry_run:
        click.echo("\n".join(quick_run_lines(missing, conditions, months or MONTHS)))
        return

    def write_page() -> None:
        if write is not None:
            page = register_page(entries(known, effects), "cjsim reforms --write")
            write_output(page, write, "reforms")

    def add_effects(folder: Path) -> None:
        effects.update(effects_in([folder], known))
        write_page()

    if small:
        with progress_on_stderr() as progress:
            run_quick(
                missing,
                replace(conditions, progress=progress),
                months or MONTHS,
                until_decided=until_decided,
                after=add_effects,
            )
    write_page()
    click.echo(register_text(entries(known, effects)))
    if any(reform.path.stem not in effects for reform in known):
        click.echo(
            "Some reforms have no results: run `cjsim reforms --run`, or see docs/reforms.md."
        )
    if write is not None:
        click.echo(f"Written: {write}")


@click.command(epilog=examples("cjsim claim experiments/prosecute_not_process_claim.toml"))
@study
def claim(experiment: Path, conditions: StudyOptions, *, dry_run: bool) -> tuple[str, Path | None]:
    """Test published claims against the model.

    Calibrates the parameters of a scenario to one published effect and tests the model's prediction
    of the others, with intervals. Then searches the declared ranges for settings in which all
    effects hold.
    """
    from cjsim.reforms.claim_test import claim as test
    from cjsim.reforms.claim_test import claim_plan, claim_text

    if dry_run:
        return "\n".join(claim_plan(experiment, conditions)), None
    folder, content = test(experiment, conditions)
    return claim_text(content), folder
