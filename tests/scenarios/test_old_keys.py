"""A key that was renamed is still read, with a notice that says its new name."""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path

import pytest

from cjsim.scenarios.load import load_experiment, load_model
from cjsim.scenarios.resolve import resolve_models
from cjsim.schema.old_keys import OldKeyNotice, with_new_keys


def test_a_model_with_old_keys_is_the_same_model(toy: Path, tmp_path: Path) -> None:
    old = tmp_path / "toy"
    shutil.copytree(toy, old)
    for file in old.glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        text = text.replace("[branches.", "[forks.").replace("[multiway_branches.", "[choices.")
        file.write_text(text, encoding="utf-8")
    with pytest.warns(OldKeyNotice, match='"forks" is now called "branches"'):
        model = load_model(old)
    assert model == load_model(toy)


def test_a_model_whose_lists_say_where_a_courthouse_is_is_the_same_model(
    toy: Path, tmp_path: Path
) -> None:
    old = tmp_path / "toy"
    shutil.copytree(toy, old)
    for file in old.glob("*.toml"):
        text = re.sub(r"\[courthouses\.\w+\]\n(.+\n)+", "", file.read_text(encoding="utf-8"))
        for name in ("north", "south"):
            heading = rf"(\[lists\.\w+\.houses\.{name}_court\]\n)"
            said = f'title = "{name.title()} court house"\ndivision = "{name}"\n'
            text = re.sub(heading, rf"\g<1>{said}", text)
        file.write_text(text, encoding="utf-8")
    with pytest.warns(OldKeyNotice, match=r"\[courthouses.<name>\]"):
        model = load_model(old)
    new = load_model(toy)
    assert model.lists == new.lists
    for name, courthouse in new.courthouses.items():
        assert model.courthouses[name].title == courthouse.title
        assert model.courthouses[name].serves == courthouse.serves


def test_settings_of_an_experiment_may_say_the_old_path(toy: Path, tmp_path: Path) -> None:
    shutil.copytree(toy, tmp_path / "model")
    text = """
        title = "Ready files"
        question = "What do ready files do?"
        owner = "Strategic Board"
        [run]
        model = "model"
        from = 2013-04-01
        to = 2013-06-30
        replications = 2
        seed = 1
        [scenarios.ready]
        label = "Ready files"
        [scenarios.ready.set]
        "{0}.file_ready.probability" = {{ value = 0.6, source = "assumption", range = [0.4, 0.9] }}
    """
    for name in ("branches", "forks"):
        (tmp_path / f"{name}.toml").write_text(text.format(name), encoding="utf-8")
    new = resolve_models(load_experiment(tmp_path / "branches.toml"))
    with pytest.warns(OldKeyNotice):
        assert resolve_models(load_experiment(tmp_path / "forks.toml")) == new


def test_both_names_at_once_are_left_for_the_check() -> None:
    both: dict[str, object] = {"forks": {"a": 1}, "branches": {"b": 2}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert with_new_keys(both, "x.toml") == both
