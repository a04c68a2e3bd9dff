"""What all rules have."""

from __future__ import annotations

import re
import sys
from abc import ABC
from typing import TYPE_CHECKING, Any, ClassVar

from jsonl_lint.model import unguarded
from jsonl_lint.rule.sketch import Sketch

if TYPE_CHECKING:
    from jsonl_lint.model import Applicability, Pointer, Severity
    from jsonl_lint.record import Record
    from jsonl_lint.repair import Repair

_DOCSTRINGS_ARE_GONE = sys.flags.optimize >= 2
"""`python -OO` keeps none."""

USUAL_FIX: Any = object()
"""Stands for `Rule.usual_fix()` where a finding says nothing of its fix: None would say that it has none."""


class Rule(ABC):
    """What all rules have."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    help: ClassVar[str] = ""
    """What to do, in one sentence."""

    default: ClassVar[bool] = True
    """False: only on when selected by name or code."""
    alone: ClassVar[bool] = False
    """True: neither `ALL` nor the beginning of its code selects it."""
    needs: ClassVar[str] = ""
    """What a chat has to have so that the rule is asked about it: `tools`, `parts`, `weights` or `reasoning`.

    `Record.lacks` says what these mean.
    """
    sensitive: ClassVar[bool] = False
    """True: what stands at its places is a secret or personal, and no report shows it."""

    fix: ClassVar[Applicability | None] = None
    """How its findings are repaired, if a finding does not say otherwise; None: by the author alone."""
    about_lines: ClassVar[bool] = False
    """True: its findings are repaired by `repair_line`, as they need not be in a record."""
    leaves: ClassVar[tuple[str, ...]] = ()
    """Rules that may have a finding where this one's was, once it is repaired: lesser forms of the same defect."""
    fixed_last: ClassVar[bool] = False
    """Whether its fix waits until no other fix can be made: those may make it needless, or a smaller one enough."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__ and not re.fullmatch(r"[A-Z]{2,}[0-9]{3}", cls.code):
            raise TypeError(f"{cls.__name__}: {cls.code!r} is not a rule code like JL204")
        if "name" in cls.__dict__ and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cls.name):
            raise TypeError(f"{cls.__name__}: {cls.name!r} is not a rule name like empty-messages")
        if "code" in cls.__dict__ and not (cls.__doc__ or "").strip() and not _DOCSTRINGS_ARE_GONE:
            raise TypeError(f"{cls.__name__}: the docstring is the rule's documentation and is missing")

    @classmethod
    def summary(cls) -> str:
        """The docstring's first line."""
        return cls._docstring().splitlines()[0]

    @classmethod
    def documentation(cls) -> str:
        """The docstring's paragraphs after the summary, without indentation."""
        lines = cls._docstring().splitlines()[1:]
        return "\n".join(line[4:] if line.startswith("    ") else line for line in lines).strip()

    @classmethod
    def _docstring(cls) -> str:
        if not _DOCSTRINGS_ARE_GONE:
            return (cls.__doc__ or "").strip()
        from ast import ClassDef, get_docstring, parse
        from inspect import getsource

        try:
            (source,) = parse(getsource(cls)).body
        except (OSError, TypeError):  # there is no source
            return cls.name
        found = get_docstring(source, clean=False) if isinstance(source, ClassDef) else None
        return (found or cls.name).strip()

    def sketch(
        self,
        pointer: Pointer,
        message: str,
        help: str = "",  # noqa: A002
        *,
        at_key: bool = False,
        fix: Applicability | None = USUAL_FIX,
    ) -> Sketch:
        """A finding of this rule. `fix` where it is not repaired as the rule's findings usually are."""
        fix = self.usual_fix() if fix is USUAL_FIX else fix
        return Sketch(self.name, pointer, message, unguarded(help) if help else self.help, at_key, -1, -1, fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """How to repair the finding in the real record. Asked only if the sketch's `fix` says that it can be."""
        return None

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """The same for a finding in a line that need not be a record; the line is here without its end."""
        return None

    @classmethod
    def usual_fix(cls) -> Applicability | None:
        """How a finding is repaired if nothing else is said: as `fix` has it, if the rule says how."""
        repairs = cls.repair is not Rule.repair or cls.repair_line is not Rule.repair_line
        return cls.fix if repairs else None
