"""Compiles `jsonl_lint/native/skim.c` when the package is built; hatchling runs this.

Where there is no C compiler, or it fails, the package is built without: it does the same in pure Python, slower.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from compileall import compile_dir
from pathlib import Path
from typing import Any
from zlib import crc32

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("jsonl_lint", "native", "skim.c")
LIBRARY = SOURCE.with_suffix(".library")
FLAGS = ("-O3", "-shared", "-fPIC", "-fvisibility=hidden")
LONGEST_SECONDS = 120


class NativeBuildHook(BuildHookInterface[Any]):
    """Puts the compiled library beside its source, and into the wheel, which is then one for this platform.

    The first run after an editable installation need not compile Python either.
    """

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


def compile_library(source: Path, library: Path) -> str:
    """Compile the source; what went wrong, if anything did. No library of an older source is left then."""
    library.unlink(missing_ok=True)
    if sys.platform == "win32":
        return "not supported on Windows yet"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    partial = library.with_suffix(f".{os.getpid()}.partial")
    try:
        subprocess.run(
            [*compiler, *FLAGS, f"-DJSONL_LINT_SOURCE={checksum(source.parent)}u", "-o", str(partial), str(source)],
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
