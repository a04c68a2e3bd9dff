"""JL601."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Severity, guarded, plural
from jsonl_lint.rule import LengthRule, Record, Sketch

if TYPE_CHECKING:
    from jsonl_lint.tokens.ruler import Overrun


class OverLength(LengthRule):
    """A record has more tokens than the model takes.

    The limit is that of fine-tuning, which is often far below the model's context window; in a batch request it is the
    window, less the room that `max_tokens` keeps for the answer. The finding says how the tokens were counted, where
    the limit stands, and what the provider does with the record.
    """

    code = "JL601"
    name = "over-length"
    severity = Severity.ERROR
    help = "Shorten the record, or split it in two."
    needs_count = False

    def check(self, record: Record, overrun: Overrun) -> Iterator[Sketch]:
        """One finding for the record as a whole."""
        count, gauge = overrun.length, overrun.gauge
        images = f", {plural(count.images, 'image')} not counted" if count.images else ""
        how = f"{count.how}: {count.why}" if count.how == "exact" else count.why
        takes = f"{gauge.model} takes {gauge.limit:,}" if gauge.model else f"the limit is {gauge.limit:,}"
        if overrun.reserve:
            takes += f", {overrun.reserve:,} of them for the answer"
        roomier = f"; {overrun.roomier}" if overrun.roomier else ""
        message = f"{count} ({how}{images}); {takes} ({gauge.limit_from}); {overrun.consequence}{roomier}"
        yield self.sketch((), guarded(message))
