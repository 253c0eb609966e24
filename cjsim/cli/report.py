"""The command that writes the charts and the Board page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from cjsim.cli.options import (
    ALLOW_CHANGED,
    AREA,
    FILE,
    examples,
    force_option,
    print_note,
    reports_errors,
)
from cjsim.errors import Fault, Faults
from cjsim.storage.paths import refuse_as_output

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS_TO_PRINT = 300
ATTEMPTS = 3
PART = re.compile(rb"node\d{8}")


@click.command(
    epilog=examples(
        "cjsim report results/prosecute_not_process",
        "cjsim report results/prosecute_not_process --pdf",
        "cjsim report results/prosecute_not_process --baseline north_pilot",
        "cjsim report results/victim_contact results/victims_code_2020",
        "cjsim report results/england_wales_43_areas --area wiltshire",
    )
)
@click.argument("results", type=FILE)
@click.argument("other", type=FILE, required=False)
@click.option("--baseline", help="Scenario that the others are compared with.")
@AREA
@click.option("--pdf", is_flag=True, help="Also write board.pdf (needs Chromium).")
@click.option("--gallery", type=FILE, help="Also write the charts into this Markdown page.")
@ALLOW_CHANGED
@force_option
@reports_errors
def report(
    *,
    results: Path,
    other: Path | None,
    baseline: str | None,
    area: str | None,
    pdf: bool,
    gallery: Path | None,
    allow_changed: bool,
) -> None:
    """Write the charts and board.html of a run.

    OTHER is a second run of the same model, period and seed: the report then shows the scenarios of
    both. For a run with several areas give --area, because medians and shares have no total.
    """
    from cjsim.calibration.published_vs_run import published_of
    from cjsim.experiment.hashes import Trust, discard_message
    from cjsim.experiment.results import find_results
    from cjsim.report import write_report

    if gallery is not None:
        refuse_as_output(gallery, "--gallery")
    browser = find_browser() if pdf else None
    folder = find_results(
        results, areas=area is not None, allow_changed=allow_changed, say=print_note
    )
    try:
        published = published_of(folder, area, Trust(discard_message, allow_changed))
    except Faults as faults:
        print_note(f"The baseline was not compared with published figures. {faults}")
        published = ()
    page = write_report(
        folder,
        other,
        baseline=baseline,
        area=area,
        published=published,
        gallery=gallery,
        allow_changed=allow_changed,
        say=print_note,
    )
    click.echo(f"Report: {page}")
    if gallery is not None:
        click.echo(f"Gallery: {gallery}")
    if browser is not None:
        click.echo(f"Printed: {print_page(browser, page)}")


def find_browser() -> str:
    """Return the first Chromium on the path. Raises Faults."""
    import shutil

    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        wrong = "writing a PDF needs Chromium, which was not found on this machine."
        remedy = "Install it (`make browser`, or on Debian: apt-get install chromium), or open "
        raise Faults([Fault("--pdf", "", wrong, f"{remedy}board.html and print it.")])
    return browser


def print_page(browser: str, page: Path) -> Path:
    """Print a page to a PDF beside it, with the same bytes every time. Raises Faults."""
    import subprocess

    from cjsim.storage.outputs import refuse_what_is_in_the_way, write_output
    from cjsim.storage.temporary import scratch_folder

    pdf = page.with_suffix(".pdf")
    refuse_what_is_in_the_way([pdf])
    with scratch_folder() as scratch:
        printed = scratch / "page.pdf"
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={scratch}/profile",
            f"--print-to-pdf={printed}",
            # Chromium does not run as root with its sandbox; the page loads nothing from a network.
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            page.resolve().as_uri(),
        ]
        try:
            for _ in range(ATTEMPTS):
                subprocess.run(  # noqa: S603 - fixed arguments and our own file, no shell
                    command, check=True, capture_output=True, timeout=SECONDS_TO_PRINT
                )
                # On a busy machine Chromium may exit with code 0 without printing anything.
                if printed.is_file():
                    break
            content = printed.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            wrong = f"{browser} could not print the page: {type(error).__name__}."
            remedy = "Open the page in a browser and print it there."
            raise Faults([Fault(str(page), "", wrong, remedy)]) from error
    write_output(settled(content), pdf, "board")
    return pdf


def settled(pdf: bytes) -> bytes:
    """Return the PDF with the parts that change from print to print set to fixed values.

    The time of printing becomes 1 January 1970, and Chromium's node numbers start at 1. Neither
    changes a length or an order.
    """
    pdf = re.sub(
        rb"(/(?:CreationDate|ModDate) \(D:)\d{14}", lambda match: match[1] + b"19700101000000", pdf
    )
    numbers = {name: index for index, name in enumerate(sorted(set(PART.findall(pdf))), 1)}
    return PART.sub(lambda match: b"node%08d" % numbers[match[0]], pdf)
