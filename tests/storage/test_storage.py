"""The layer that writes: nobody else's file is lost, and what is written is whole or not there."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cjsim.errors import Faults, RunFailed, Slip
from cjsim.storage import disk, lock, temporary
from cjsim.storage.lock import locked
from cjsim.storage.outputs import (
    LIST,
    is_own,
    keep_what_is_not_own,
    new_folder,
    output_file,
    output_folder,
    replacing,
    write_output,
)
from cjsim.storage.paths import (
    portable_name,
    refuse_as_output_folder,
    typed_path,
    wrong_with_name,
)
from cjsim.storage.whole import whole_file, write_text


def written(folder: Path, **texts: str) -> None:
    with output_folder(folder, "ledger") as partial:
        for name, text in texts.items():
            write_text(text, partial / f"{name}.txt")


def content(folder: Path) -> dict[str, str]:
    """All that is in a folder but cjsim's own list."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != LIST)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


# --- what is somebody else's -------------------------------------------------------------------


def test_a_folder_keeps_what_cjsim_did_not_write(tmp_path: Path) -> None:
    (tmp_path / "Documents").mkdir()
    (tmp_path / "Documents" / "thesis.txt").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine too")
    written(tmp_path, costs="1", years="2")
    assert content(tmp_path) == {
        "Documents/thesis.txt": "mine",
        "notes.txt": "mine too",
        "costs.txt": "1",
        "years.txt": "2",
    }


def test_own_files_are_replaced_and_those_out_of_date_go(tmp_path: Path) -> None:
    written(tmp_path / "ledger", costs="1", years="2")
    (tmp_path / "ledger" / "notes.txt").write_text("mine")
    written(tmp_path / "ledger", costs="3")
    assert content(tmp_path / "ledger") == {"costs.txt": "3", "notes.txt": "mine"}


def test_an_out_of_date_file_that_somebody_changed_stays(tmp_path: Path) -> None:
    written(tmp_path, costs="1", years="2")
    (tmp_path / "years.txt").write_text("2, with my notes")
    written(tmp_path, costs="3")
    assert content(tmp_path) == {"costs.txt": "3", "years.txt": "2, with my notes"}


def test_one_kind_of_output_leaves_those_of_another_alone(tmp_path: Path) -> None:
    with output_folder(tmp_path, "fit") as partial:
        write_text("a law", partial / "report.txt")
    written(tmp_path, costs="1")
    assert content(tmp_path) == {"report.txt": "a law", "costs.txt": "1"}


@pytest.mark.parametrize("before", ["never", "changed"])
def test_a_file_that_is_not_as_cjsim_wrote_it_is_in_the_way(tmp_path: Path, before: str) -> None:
    page = tmp_path / "page.md"
    if before == "changed":
        write_output("old", page, "page")
    page.write_text("mine")
    with pytest.raises(Faults, match="changed since" if before == "changed" else "did not write"):
        write_output("new", page, "page")
    with pytest.raises(Faults, match="--force"):
        written(tmp_path, page="new") if page.rename(tmp_path / "page.txt") else None
    assert content(tmp_path) == {"page.txt": "mine"}


def test_whoever_is_asked_decides_and_is_asked_once(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("mine")
    asked: list[str] = []

    def ask(answer: bool) -> Callable[[object], bool]:
        return lambda paths: bool(asked.append(str(paths))) or answer

    with pytest.raises(Faults), replacing(ask(False)):
        write_output("new", tmp_path / "page.md", "page")
    assert content(tmp_path) == {"page.md": "mine"}
    with replacing(ask(True)):
        write_output("new", tmp_path / "page.md", "page")
        (tmp_path / "page.md").write_text("changed meanwhile")
        write_output("newer", tmp_path / "page.md", "page")
    assert content(tmp_path) == {"page.md": "newer"}
    assert len(asked) == 2


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    write_output("old", tmp_path / "there" / "page.md", "page")
    (tmp_path / "page.md").symlink_to(tmp_path / "there" / "page.md")
    write_output("new", tmp_path / "page.md", "page")
    assert (tmp_path / "page.md").is_symlink()
    assert (tmp_path / "there" / "page.md").read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such things")
def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(Faults, match="no file"), replacing(lambda _: True):
            write_output("new", place, "page")
    assert not Path(os.devnull).is_file()


def test_a_crafted_list_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    entry = {"kind": "ledger", "sha256": [disk.file_hash(tmp_path / "thesis.txt")]}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LIST).write_text(json.dumps({"files": {"../thesis.txt": entry}}))
    written(tmp_path / "out", costs="1")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"files": [1]}', '{"files": {"a": 1}}'])
def test_a_damaged_list_owns_nothing(tmp_path: Path, damage: str) -> None:
    (tmp_path / LIST).write_text(damage)
    (tmp_path / "a").write_text("mine")
    assert not is_own(tmp_path / "a")
    written(tmp_path, costs="1")
    assert content(tmp_path) == {"a": "mine", "costs.txt": "1"}


# --- old or new, never neither -----------------------------------------------------------------


@pytest.mark.parametrize("there", [True, False])
def test_killed_at_any_rename_or_removal_old_or_new_is_there_and_the_next_command_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """The calls after the n-th do nothing at all, as after kill -9."""
    for n in range(1, 100):
        folder = tmp_path / str(n) / "ledger"
        folder.parent.mkdir()
        old = {"costs.txt": "1", "years.txt": "2", "notes.txt": "mine"} if there else {}
        if there:
            written(folder, costs="1", years="2")
            (folder / "notes.txt").write_text("mine")
        left = n

        def counted(call: Callable[..., None]) -> Callable[..., None]:
            def instead(*arguments: object) -> None:
                nonlocal left
                left -= 1
                if left > 0:
                    call(*arguments)
                elif left == 0:
                    raise KeyboardInterrupt

            return instead

        with monkeypatch.context() as patch:
            for name in ("replace", "remove", "remove_empty", "tidy"):
                patch.setattr(disk, name, counted(getattr(disk, name)))
            try:
                written(folder, costs="3")
            except KeyboardInterrupt:
                pass
            else:
                assert left > 0
                return
        left_over = content(folder) if folder.exists() else {}
        for name, text in old.items():
            assert left_over.get(name) in ({text, "3"} if name == "costs.txt" else {text, None})
        assert ("notes.txt" in left_over) == there
        monkeypatch.setattr(temporary, "is_alive", lambda _: False)
        written(folder, costs="3")
        assert content(folder) == {"costs.txt": "3"} | ({"notes.txt": "mine"} if there else {})
        monkeypatch.undo()
    raise AssertionError("it never ends")


def test_an_error_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(_: object) -> None:
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"), output_file(tmp_path / "page", "page") as file:
        stop(file.write(b"half"))
    with pytest.raises(ValueError, match="stop"), output_folder(tmp_path / "a" / "b", "x") as made:
        stop(write_text("half", made / "c"))
    with pytest.raises(ValueError, match="stop"), new_folder(tmp_path / "d" / "e") as made:
        stop(made)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_disk_names_the_file_that_was_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk, "sync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_text("x", tmp_path / "page.md")
    assert caught.value.filename == str(tmp_path / "page.md")
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    write_output("old", tmp_path / "page", "page")
    (tmp_path / "page").chmod(0o600)
    write_output("new", tmp_path / "page", "page")
    assert (tmp_path / "page").stat().st_mode & 0o777 == 0o600


# --- other systems -----------------------------------------------------------------------------


def test_everything_is_synced_by_windows_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a handle that was opened for reading cannot be synced."""
    fcntl = pytest.importorskip("fcntl")
    sync = os.fsync
    synced: list[int] = []

    def as_windows(handle: int) -> None:
        if not os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112 - a handle, no path
            if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            synced.append(handle)
        sync(handle)

    monkeypatch.setattr(os, "fsync", as_windows)
    written(tmp_path / "new", costs="1")
    written(tmp_path / "new", costs="2")
    write_output("x", tmp_path / "page", "page")
    disk.sync_file(tmp_path / "page")
    assert len(synced) > 5


@pytest.mark.skipif(sys.platform == "win32", reason="this is how others lock")
@pytest.mark.parametrize("answer", [errno.ENOLCK, errno.ENOSYS])
def test_without_locks_a_file_stands_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr(lock, "_take", refuse)
    said: list[str] = []
    with locked(tmp_path / ".a.lock", "writing a", said.append):
        with (
            pytest.raises(RunFailed, match=rf"process {os.getpid()} on .* is writing a\. .*delete"),
            locked(tmp_path / ".a.lock", "writing a", said.append),
        ):
            raise AssertionError("it is held")
        assert [path.name for path in tmp_path.iterdir()] == [".a.locked"]
    assert list(tmp_path.iterdir()) == []
    assert said == [
        f"The file system of {tmp_path} has no locks: the file .a.locked stands for one."
    ]


def test_a_lock_file_of_a_process_that_was_killed_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = multiprocessing.get_context("spawn").Process(target=int)
    child.start()
    child.join()
    (tmp_path / ".a.locked").write_text(f"process x\n{temporary.machine()} {child.pid}\n")

    def refuse(handle: int) -> None:
        raise OSError(errno.ENOLCK, "")

    monkeypatch.setattr(lock, "_take", refuse)
    with locked(tmp_path / ".a.lock", "writing a", lambda _: None):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_is_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, alive = 2**22 - 3, os.getppid()
    monkeypatch.setattr(temporary, "is_alive", lambda process: process != dead)
    here, elsewhere = temporary.machine(), "0" * 8
    own = f".cjsim-{here}-{dead}-0.partial"
    others = (
        f".cjsim-{here}-{alive}-0.partial",
        f".cjsim-{elsewhere}-{dead}-0.partial",
        ".cjsim-x.partial",
        "cjsim-notes",
        ".mine.partial",
    )
    for name in (own, *others):
        (tmp_path / name).mkdir()
    (tmp_path / own / "file").write_text("half")
    write_output("x", tmp_path / "page", "page")
    assert {path.name for path in tmp_path.iterdir()} == {*others, "page", LIST}


def test_scratch_folders_of_killed_processes_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(temporary, "is_alive", lambda process: process == os.getpid())
    gone = tmp_path / f"cjsim-{temporary.machine()}-{2**22 - 3}-abc"
    gone.mkdir()
    (tmp_path / "cjsim-results").mkdir()
    with temporary.scratch_folder() as scratch:
        assert {path.name for path in tmp_path.iterdir()} == {scratch.name, "cjsim-results"}
    assert [path.name for path in tmp_path.iterdir()] == ["cjsim-results"]


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), whole_file(tmp_path):
        raise AssertionError("nothing is written")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Faults, match="this is a file"):
        written(tmp_path / "file", costs="1")
    with pytest.raises(Faults, match="this is a folder"):
        write_output("x", tmp_path, "page")


# --- what may be a path ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["nul", "CON", "aux.csv", "com1", "lpt9.tar.gz", "a.", "a ", "", " ", "a\nb"]
)
def test_a_name_that_another_system_cannot_have_is_refused(name: str) -> None:
    assert wrong_with_name(name)
    with pytest.raises(Slip):
        portable_name(name)


@pytest.mark.parametrize("name", ["null", "con_1", "console", "com10", "auxiliary.csv", ".hidden"])
def test_a_name_that_only_resembles_one_is_not(name: str) -> None:
    assert wrong_with_name(name) == ""


def test_a_path_is_what_its_writer_means(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path("~/results") == tmp_path / "results"
    assert typed_path("./~/results") == Path("~/results")
    for text in ("", "  ", "~nobody-has-this-name/x", "a\x00b"):
        with pytest.raises(ValueError, match=r"path|home|character"):
            typed_path(text)


def test_some_folders_are_nothing_to_write_into(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "study" / "results" / "run").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to("/")
    monkeypatch.chdir(tmp_path / "study")
    inputs = [Path("results/run")]
    for folder, told in (
        ("/", "root"),
        ("..", "current folder"),
        ("../../..", "current folder"),
        (str(tmp_path / "home"), "home"),
        ("../link", "root"),
        ("results", "results/run"),
        ("nul", "device"),
    ):
        with pytest.raises(Faults, match=told):
            refuse_as_output_folder(Path(folder), inputs=inputs)
    for folder in (".", "ledger", "results/run", "../other"):
        refuse_as_output_folder(Path(folder), inputs=inputs)


def test_a_run_that_is_run_again_keeps_what_somebody_put_into_its_folder(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    written(old / "ledger", costs="1")
    (old / "ledger" / "notes.txt").write_text("mine")
    for folder, text in ((old, "old"), (new, "new")):
        folder.mkdir(exist_ok=True)
        (folder / "kpis.txt").write_text(text)
    keep_what_is_not_own(old, new)
    assert content(new) == {"kpis.txt": "new", "ledger/notes.txt": "mine"}
