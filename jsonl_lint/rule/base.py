"""The base class of all rules."""

from __future__ import annotations

import re
import sys
from abc import ABC
from typing import TYPE_CHECKING, Any, ClassVar

from jsonl_lint.rule.sketch import Sketch
from jsonl_lint.wording import unguarded

if TYPE_CHECKING:
    from jsonl_lint.model import Applicability, Pointer, Severity
    from jsonl_lint.records.record import Record
    from jsonl_lint.repair import Repair

_DOCSTRINGS_ARE_GONE = sys.flags.optimize >= 2
"""Whether Python runs with `-OO`, which removes docstrings."""

USUAL_FIX: Any = object()
"""The default of `fix` arguments: it means `Rule.usual_fix()`, since None means that there is no fix."""


class Rule(ABC):
    """A rule, whatever its kind."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    help: ClassVar[str] = ""
    """What to do, in one sentence."""

    default: ClassVar[bool] = True
    """Whether the rule runs unless it is turned off. If not, it has to be selected."""
    alone: ClassVar[bool] = False
    """Whether only its name or whole code selects the rule, but neither `ALL` nor a code prefix."""
    needs: ClassVar[str] = ""
    """What a chat must have for the rule to see it: `tools`, `parts`, `weights` or `reasoning`; see `Record.lacks`."""
    about_conversation: ClassVar[bool] = False
    """Whether a finding at a message, or its fix, depends on more than this message and the one before it."""
    sensitive: ClassVar[bool] = False
    """Whether the data at its places is secret or personal, so that no report shows it."""

    fix: ClassVar[Applicability | None] = None
    """The applicability of its fixes, unless a sketch has another one; None: only a person can repair its findings."""
    about_lines: ClassVar[bool] = False
    """Whether findings are repaired by `repair_line` instead of `repair`, because they need not be in a record."""
    leaves: ClassVar[tuple[str, ...]] = ()
    """Rules that may have a finding where a repaired one was: lesser forms of the same defect."""
    fixed_last: ClassVar[bool] = False
    """Whether its fix waits until no other fix can be made, since that may make it unnecessary or smaller."""

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
        """Return the docstring's first line."""
        return cls._docstring().splitlines()[0]

    @classmethod
    def documentation(cls) -> str:
        """Return the docstring's paragraphs after the summary, without indentation."""
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
        help: str = "",
        *,
        at_key: bool = False,
        start: int = -1,
        end: int = -1,
        fix: Applicability | None = USUAL_FIX,
        within: tuple[int, int] | None = None,
    ) -> Sketch:
        """Return a finding of this rule. `fix` is needed if its applicability is not the usual one of the rule."""
        fix = self.usual_fix() if fix is USUAL_FIX else fix
        told = unguarded(help) if help else self.help
        return Sketch(self.name, pointer, message, told, at_key, start, end, fix, within=within)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Return how to repair the finding in the real record. Called only if the sketch's `fix` is not None."""
        return None

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """Return how to repair a finding in a line that need not be a record; `text` has no line ending."""
        return None

    @classmethod
    def usual_fix(cls) -> Applicability | None:
        """Return the applicability of its fixes, if the rule defines a repair."""
        repairs = cls.repair is not Rule.repair or cls.repair_line is not Rule.repair_line
        return cls.fix if repairs else None
