"""Compiles `jsonl_lint/native/skim.c` when the package is built; hatchling runs this.

Where there is no C compiler, pip installs one for the build, and fails if it cannot fetch it. On machines for which
there is none, or if a compiler fails, as `CC=false` does, the package is built without: it does the same in pure
Python, slower.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from compileall import compile_dir
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("jsonl_lint", "native", "skim.c")
LIBRARY = SOURCE.with_suffix(".library")
FLAGS = ("-O3", "-shared", "-fPIC", "-fvisibility=hidden")
LONGEST_SECONDS = 120

WHEEL_WITH_COMPILER = "ziglang>=0.13"
"""Clang in a wheel of 100 MB, which is only there during the build."""

_MACHINES = ("aarch64", "arm64", "x86_64")
"""Those for which there is such a wheel, on Linux and macOS."""

_PORTABLE = ("-s", "-mcpu=baseline")
"""For any processor of the kind, since pip keeps what it has built, and without symbols: not Zig's defaults."""


class NativeBuildHook(BuildHookInterface[Any]):
    """Puts the compiled library beside its source, and into the wheel, which is then one for this platform.

    The first run after an editable installation need not compile Python either.
    """

    def dependencies(self) -> list[str]:
        """What pip has to install for the build."""
        can_be_had = sys.platform in ("darwin", "linux") and platform.machine() in _MACHINES
        return [WHEEL_WITH_COMPILER] if can_be_had and not compiler_of_the_machine() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable":  # other packages are compiled by pip
            compile_dir(root / "jsonl_lint", quiet=2)
        problem = compile_library(root / SOURCE, root / LIBRARY)
        if problem:
            self.app.display_warning(f"jsonl-lint is built without its native part: {problem}")
            return
        build_data["artifacts"].append(LIBRARY.as_posix())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def checksum(folder: Path) -> int:
    """The checksum of the source, by which `jsonl_lint.native` knows a library that is older."""
    return crc32(b"".join(path.read_bytes() for path in sorted(folder.glob("*.[ch]"))))


def compiler_of_the_machine() -> list[str]:
    """The command that compiles C: what `CC` says, what Python was built with, or a usual one; [] if there is none."""
    if chosen := os.environ.get("CC"):
        return shlex.split(chosen)
    built_with = shlex.split(sysconfig.get_config_var("CC") or "")
    return next((command for command in (built_with, ["cc"], ["clang"]) if command and shutil.which(command[0])), [])


def compile_library(source: Path, library: Path) -> str:
    """Compile the source; what went wrong, if anything did. No library of an older source is left then."""
    library.unlink(missing_ok=True)
    if sys.platform == "win32":
        return "not supported on Windows yet"
    compiler = compiler_of_the_machine()
    if not compiler and find_spec("ziglang"):
        compiler = [sys.executable, "-m", "ziglang", "cc", *_PORTABLE]
    if not compiler:
        return "there is no C compiler"
    partial = library.with_suffix(f".{os.getpid()}.partial")
    define = f"-DJSONL_LINT_SOURCE={checksum(source.parent)}u"
    try:
        with TemporaryDirectory() as cache:  # Zig would leave one in the user's home
            subprocess.run(
                [*compiler, *FLAGS, define, "-o", str(partial), str(source)],
                env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache},
                check=True,
                capture_output=True,
                timeout=LONGEST_SECONDS,
            )
        os.replace(partial, library)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    finally:
        partial.unlink(missing_ok=True)
    return ""
