"""Tell whether skimming is worth it: learning a structure costs more than the first lines that match it save."""

from __future__ import annotations

_TRIAL, _WORTH_IT = 300, 3
"""After this many structures, each must have matched this many lines on average, or skimming rests."""

_REST = 64
"""For so many batches of lines. A file of structures that are all new took no longer for trying again."""


class Worth:
    """Counts the structures and lines of a stream."""

    def __init__(self) -> None:
        self.structures = self.lines = 0
        """Structures that were learned or tried since the last rest, and lines that were skimmed."""
        self.rest = 0
        """Batches until skimming is tried again."""

    def is_given(self) -> bool:
        """Whether to skim the next batch."""
        if self.rest:
            self.rest -= 1
        elif self.structures > _TRIAL and self.lines < _WORTH_IT * self.structures:
            self.structures = self.lines = 0
            self.rest = _REST
        return not self.rest
