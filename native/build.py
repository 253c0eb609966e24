"""Compile the native engine into the package: `python native/build.py`, or `make native`.

It needs a C++20 compiler (g++ or clang++, or the one that CXX names), Python's headers and NumPy.
Where one of them is missing it says so and exits with 0: cjsim then runs on its Python engine, with
the same results. Given `--require`, it fails instead.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "cjsim"
FLAGS = (
    "-std=c++20",
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-fast-math",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Wno-missing-field-initializers",
)
"""No liberty with numbers: a product and a sum are rounded one after the other, as in Python."""


class CannotBuild(Exception):
    """Something that the build needs is missing, or the compiler failed."""


def target() -> Path:
    """Where the compiled module lies."""
    return PACKAGE / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"


def compiler() -> str:
    """The C++ compiler. Raises CannotBuild."""
    for name in filter(None, (os.environ.get("CXX"), "g++", "clang++", "c++")):
        if (path := shutil.which(name)) is not None:
            return path
    raise CannotBuild("there is no C++ compiler (g++ or clang++)")


def headers() -> tuple[Path, Path, Path]:
    """The headers of Python and of NumPy, and NumPy's library of random numbers."""
    python = Path(sysconfig.get_paths()["include"])
    if not (python / "Python.h").is_file():
        raise CannotBuild(f"Python's headers are not in {python}")
    try:
        import numpy as np
    except ImportError as problem:
        raise CannotBuild("NumPy is not installed") from problem
    library = Path(np.__file__).parent / "random" / "lib" / "libnpyrandom.a"
    if not library.is_file():
        raise CannotBuild(f"NumPy came without {library.name}")
    return python, Path(np.get_include()), library


def build(extra: tuple[str, ...] = ()) -> Path:
    """Compile every file and link the module. Raises CannotBuild."""
    cxx = compiler()
    python, numpy, library = headers()
    sources = f'-DCJSIM_SOURCES="{digest()}"'
    flags = [*FLAGS, *extra, sources, f"-I{python}", f"-I{numpy}"]
    with tempfile.TemporaryDirectory(prefix="cjsim-native-") as scratch:
        objects = {each: Path(scratch) / f"{each.stem}.o" for each in sorted(HERE.glob("*.cpp"))}
        with ThreadPoolExecutor(os.cpu_count()) as at_once:
            # Every answer is asked for, so that the first failure is raised.
            list(
                at_once.map(
                    lambda pair: run(cxx, *flags, "-c", str(pair[0]), "-o", str(pair[1])),
                    objects.items(),
                )
            )
        module = Path(scratch) / target().name
        libraries = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []
        run(
            cxx,
            "-shared",
            *extra,
            *map(str, objects.values()),
            str(library),
            "-o",
            str(module),
            "-lm",
            *libraries,
        )
        # Replaced at once: a run that has it open keeps the old one.
        beside = target().with_suffix(".new")
        shutil.copyfile(module, beside)
        beside.replace(target())
    return target()


def digest() -> str:
    """What the sources are: `cjsim.des.engine` uses no module made of others."""
    found = hashlib.blake2b(digest_size=16)
    for file in sorted([*HERE.glob("*.cpp"), *HERE.glob("*.hpp")]):
        found.update(file.read_bytes())
    return found.hexdigest()


def run(*command: str) -> None:
    """Run the compiler. Raises CannotBuild with what it said."""
    done = subprocess.run(  # noqa: S603  # the compiler, with our own arguments
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBuild(f"the compiler failed:\n{done.stderr.strip()}")
    if done.stderr:
        sys.stderr.write(done.stderr)


def up_to_date() -> bool:
    """Whether the module is there and younger than all it was made from."""
    sources = [*HERE.glob("*.cpp"), *HERE.glob("*.hpp"), Path(__file__)]
    built = target()
    youngest = max(each.stat().st_mtime for each in sources)
    return built.is_file() and built.stat().st_mtime >= youngest


def main(arguments: list[str]) -> int:
    """Build if need be; what cannot be built is no error unless it is required."""
    required = "--require" in arguments
    extra = tuple(each for each in arguments if each != "--require")
    if up_to_date() and not extra:
        return 0
    try:
        built = build(extra)
    except CannotBuild as problem:
        # An old one would not fit the sources any more.
        target().unlink(missing_ok=True)
        sys.stdout.write(
            f"The native engine was not built: {problem}.\n"
            "cjsim runs on its Python engine, which gives the same results and takes longer.\n"
        )
        return 1 if required else 0
    sys.stdout.write(f"The native engine is built: cjsim/{built.name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
