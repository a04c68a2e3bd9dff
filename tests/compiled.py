"""What tests of the C code share. Without it, they are skipped."""

from __future__ import annotations

import pytest

from jsonl_lint import Plan, native
from jsonl_lint.native.recogniser import Recogniser

COMPILED = pytest.mark.skipif(native.load() is None, reason="no C compiler when the package was installed")


def recogniser_of(plan: Plan, *, profiles: bool = False, tolerated: int = 0) -> Recogniser:
    """A recogniser that knows nothing yet."""
    made = plan.recogniser()
    assert made is not None
    made.profiles, made.tolerated = profiles, tolerated
    return made
