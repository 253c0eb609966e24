"""A results folder while its run lasts: complete or absent, and safe when the run is interrupted.

While a run goes on, its replications gather in `<run id>.unfinished` beside the place where the
results will be. Each appears there whole, with a record of what it is; the folder gets its name
when everything is in it. What stops the run, a kill or a power cut too, leaves the replications
that were done, and the same plan can go on with them.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cjsim.errors import Fault, Faults, RunFailed
from cjsim.experiment.kpi_tables import UNFINISHED
from cjsim.experiment.plan import Plan, canonical
from cjsim.experiment.replication import RECORD
from cjsim.identity import changes
from cjsim.storage import disk
from cjsim.storage.lock import locked
from cjsim.storage.outputs import LIST, RESULTS, add_to_list, keep_what_is_not_own
from cjsim.storage.whole import write_text

PLAN = "plan.json"
MOST_SHOWN = 6

OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.EFBIG)
"""Errors of the disk and not of the program."""


class Unusable(RunFailed):
    """The results cannot be right: nothing of the run is kept."""


def unfinished_folder(final: Path) -> Path:
    """Where a run that will end in `final` gathers what it has."""
    return final.with_name(final.name + UNFINISHED)


@contextlib.contextmanager
def results_folder(
    final: Path,
    plan: Plan,
    *,
    resume: bool = False,
    fresh: bool = False,
    say: Callable[[str], None] = warnings.warn,
) -> Iterator[Path]:
    """A folder to gather a run in; it becomes `final` when the block ends well.

    When the block ends in an error the folder stays if a replication is in it, and the error says
    so. `resume` continues an unfinished run of the plan, `fresh` deletes it.
    Raises Faults when something is left and neither is asked for, or when what is left is another
    plan's; RunFailed when the place cannot be written to, or another process is writing there.
    """
    made = [folder for folder in (final.parent, *final.parent.parents) if not folder.exists()]
    folder = unfinished_folder(final)
    try:
        with contextlib.ExitStack() as held:
            try:
                disk.make_folder(final.parent)
                lock = final.with_name(f".{final.name}.lock")
                held.enter_context(locked(lock, f"writing {final}", say))
                _prepare(final, plan, resume=resume, fresh=fresh)
            except OSError as error:
                raise RunFailed(f"Cannot write to {final.parent}: {error.strerror}.") from error
            try:
                yield folder
                _publish(folder, final)
            except Unusable:
                disk.tidy(folder)
                raise
            except BaseException as error:
                told = _noting_what_is_kept(error, folder)
                if told is error:
                    raise
                raise told from error.__cause__
    finally:
        for empty in made:
            disk.remove_empty(empty)


@contextlib.contextmanager
def reopened_folder(final: Path, say: Callable[[str], None] = warnings.warn) -> Iterator[Path]:
    """A folder that is whole already, to write anew what was made of its replications.

    Raises RunFailed when another process is writing there, or the place cannot be written to.
    """
    try:
        with locked(final.with_name(f".{final.name}.lock"), f"writing {final}", say):
            yield final
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        raise RunFailed(f"Cannot write to {final}: {error.strerror}.") from error


def clear_old(final: Path, say: Callable[[str], None] = warnings.warn) -> None:
    """Remove what the last command could not of the results that `final` took the place of.

    Raises RunFailed when another process is writing there.
    """
    if _old(final).exists():
        with reopened_folder(final, say):
            _clear_old(final)


def _clear_old(final: Path) -> None:
    keep_what_is_not_own(_old(final), final)
    disk.tidy(_old(final))


def take_replications(before: Path, records: Mapping[str, str], folder: Path) -> None:
    """Let a folder in which a run is gathered have the replications of one that is whole.

    `records` has the hash of each one's record by its place, as the manifest keeps them; what has
    another, or is gone, is left out. Raises OSError.
    """
    for place, wanted in records.items():
        source = before / "runs" / place
        with contextlib.suppress(FileNotFoundError):
            if disk.file_hash(source / RECORD) == wanted:
                disk.share_folder(source, folder / "runs" / place)


def replications_in(folder: Path) -> int:
    """How many replications of an unfinished run are kept."""
    # What is half written has a name that begins with a dot.
    return len(list(folder.glob(f"runs/*/[!.]*/{RECORD}")))


def _prepare(final: Path, plan: Plan, *, resume: bool, fresh: bool) -> None:
    """The folder as an earlier run of this plan left it, or a new one that holds the plan."""
    folder = unfinished_folder(final)
    if final.exists():
        # Left by a run that was killed while it took the place of this one.
        _clear_old(final)
    if folder.exists() and _plan_in(folder) is None and any(folder.glob("[!.]*")):
        raise RunFailed(f"{folder} holds no unfinished run: move it away to run here.")
    if folder.exists() and (fresh or _plan_in(folder) is None):
        disk.remove_tree(folder)
    if folder.exists():
        if not resume:
            raise Faults([_is_unfinished(folder)])
        _remove_partial(folder)
        return
    if resume:
        _refuse_others(final, plan)
    disk.make_folder(folder, parents=False, exist_ok=False)
    write_text(_plan_text(plan), folder / PLAN)


def _plan_text(plan: Plan) -> str:
    """What plan.json holds: the environment first, then all that the plan's hash is taken over."""
    return canonical({"environment": plan.environment, **plan.content})


def under_other_environments(final: Path, plan: Plan) -> list[str]:
    """What a user should know before a plan is run that other libraries have run before.

    One sentence for each folder beside `final` that holds the same plan, naming what differs.
    """
    # The environment stands first in plan.json, so that what follows it can be compared as text.
    same = canonical(plan.content)[1:]
    notes = []
    for file in sorted(final.parent.glob(f"[!.]*/{PLAN}")):
        with contextlib.suppress(OSError, ValueError, TypeError):
            text = file.read_text(encoding="utf-8")
            if file.parent == final or not text.endswith(same):
                continue
            differs = changes(json.loads(text)["environment"], plan.environment)
            if not differs:
                continue
            notes.append(
                f"{file.parent} holds the same plan, run under another environment: "
                f"{'; '.join(differs)}. Results could differ, so it is run anew: {final.name}."
            )
    return notes


def _remove_partial(folder: Path) -> None:
    """Remove what was half written when a worker, or an earlier run, was killed."""
    for partial in (*folder.glob("runs/*/.*.partial"), *folder.glob(".*.partial")):
        disk.tidy(partial)


def _is_unfinished(folder: Path) -> Fault:
    count = replications_in(folder)
    kept = "1 replication" if count == 1 else f"{count} replications"
    return Fault(
        str(folder),
        "",
        f"an unfinished run of this plan exists here, with {kept} done.",
        "--resume continues it, --fresh deletes it.",
    )


def _refuse_others(final: Path, plan: Plan) -> None:
    """Raise Faults where the unfinished runs are of other plans, saying what differs."""
    faults = []
    for folder in sorted(final.parent.glob(f"*{UNFINISHED}")):
        there = _plan_in(folder)
        if there is None:
            continue
        here = json.loads(_plan_text(plan))
        differs = list(differences(there, here)) or ["its entries stood in another order"]
        shown = differs[:MOST_SHOWN]
        if len(differs) > MOST_SHOWN:
            shown.append(f"and {len(differs) - MOST_SHOWN} more")
        faults.append(
            Fault(
                str(folder),
                "",
                f"the unfinished run here has another plan: {'; '.join(shown)}.",
                "Undo that to resume it, or leave out --resume to begin a new run.",
            )
        )
    if faults:
        raise Faults(faults)


def differences(there: object, here: object, at: str = "") -> Iterator[str]:
    """Where two plans differ, in words: "seed was 7 and is 8"."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in dict.fromkeys([*there, *here]):
            below = f"{at}.{key}" if at else key
            if key not in here:
                yield f"{below} is gone"
            elif key not in there:
                yield f"{below} is new"
            else:
                yield from differences(there[key], here[key], below)
    elif there != here:
        if at == "code":
            yield "the program itself has changed"
            return
        before, after = (json.dumps(value, ensure_ascii=False) for value in (there, here))
        short = len(before) + len(after) < 80
        yield f"{at} was {before} and is {after}" if short else f"{at} has changed"


def _plan_in(folder: Path) -> dict[str, object] | None:
    """The plan that a folder was begun for; None if it cannot be read."""
    try:
        found = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _noting_what_is_kept(error: BaseException, folder: Path) -> BaseException:
    """The error, saying what was kept; what is worth nothing is removed."""
    count = replications_in(folder)
    if count:
        done = "1 replication is" if count == 1 else f"{count} replications are"
        kept = f"{done} kept in {folder}: the same command with --resume continues the run."
    else:
        disk.tidy(folder)
        kept = "Nothing was kept."
    if isinstance(error, OSError) and error.errno in OF_THE_DISK:
        place = error.filename if isinstance(error.filename, str) else str(folder.parent)
        return RunFailed(f"{place}: {os.strerror(error.errno or 0)}. {kept}").with_traceback(None)
    if isinstance(error, MemoryError):
        return RunFailed(f"Out of memory. {kept}")
    if isinstance(error, RunFailed):
        return type(error)(f"{error} {kept}")
    if isinstance(error, KeyboardInterrupt):
        return type(error)(f"Interrupted. {kept}")
    error.add_note(kept)
    return error


def _publish(folder: Path, final: Path) -> None:
    """Rename the folder into place; it replaces an older run of the plan."""
    _remove_partial(folder)
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != LIST)
    add_to_list(folder, RESULTS, names)
    disk.sync_folder(folder)
    if final.exists():
        disk.replace(final, _old(final))
    try:
        disk.replace(folder, final)
    except OSError:
        if _old(final).exists():
            disk.replace(_old(final), final)
        raise
    _clear_old(final)
    disk.sync_folder(final.parent)


def _old(final: Path) -> Path:
    return final.with_name(f".{final.name}.old")
