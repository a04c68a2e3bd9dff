"""JL601."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import TRAINED, Delete, DropRecord, LengthRule, Message, Record, Repair, Sketch, repair
from jsonl_lint.tokens.toolparts import RESULT, calls_and_results
from jsonl_lint.wording import guarded, plural

if TYPE_CHECKING:
    from jsonl_lint.tokens.overruns import Overrun

MOST_SHOWN = 10**12
"""A request may want an answer of any length. A figure above this one is not written out: it may have 4,000 digits."""


class OverLength(LengthRule):
    """A record has more tokens than the model takes.

    The limit is that of fine-tuning, which is often far below the model's context window; in a batch request it is the
    window, less the room that `max_tokens` keeps for the answer. The finding says how the tokens were counted, where
    the limit stands, and what the provider does with the record.

    Fix: unsafe. The oldest turns are dropped, as few as it takes: each is a user's message with all that answers it,
    tool calls and their results too. System messages stay, and so does the turn of the last trained answer; in a batch
    request and a preference pair the last question. If that is still too long, or there are no turns, the record is
    deleted. No message is ever cut.
    """

    code = "JL601"
    name = "over-length"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    fixed_last = True
    help = "Shorten the record, or split it in two."
    needs_count = False

    def check(self, record: Record, overrun: Overrun) -> Iterator[Sketch]:
        """Yield one finding for the record as a whole."""
        count, gauge = overrun.length, overrun.gauge
        images = f", {plural(count.images, 'image')} not counted" if count.images else ""
        how = f"{count.how}: {count.why}" if count.how == "exact" else count.why
        takes = f"{gauge.model} takes {gauge.limit:,}" if gauge.model else f"the limit is {gauge.limit:,}"
        if overrun.reserve:
            reserve = overrun.reserve
            shown = f"{reserve:,}" if reserve <= MOST_SHOWN else f"more than {MOST_SHOWN:,}"
            takes += f", {shown} of them for the answer"
        roomier = f"; {overrun.roomier}" if overrun.roomier else ""
        message = f"{count} ({how}{images}); {takes} ({gauge.limit_from}); {overrun.consequence}{roomier}"
        yield self.sketch((), guarded(message))._replace(detail=str(_first_kept(record, overrun)))

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Delete the messages that the check has found to be enough, or the record."""
        doomed = list(_droppable(record, int(sketch.detail)))
        if not doomed:
            return repair("Delete the record", DropRecord())
        verbs = [Delete(message.pointer) for message in doomed]
        return repair(f"Drop the oldest {plural(len(doomed), 'message')}", *verbs)


def _first_kept(record: Record, overrun: Overrun) -> int:
    """Return where the conversation has to begin to fit, system messages aside; 0 where that helps nothing."""
    before = overrun.length.before
    if not before or not record.every_role_known:
        return 0
    ends = dict(zip(before, [*list(before.values())[1:], overrun.length.tokens], strict=True))
    trained = [message.index for message in record.messages if message.trained and record.format in TRAINED]
    freed = -_carried(record, overrun)
    counted = sorted(
        message.index for message in record.messages if message.meaning != "system" and message.index in ends
    )
    dropped = 0
    for start in _turns(record):
        if trained and start > trained[-1]:
            break
        while dropped < len(counted) and counted[dropped] < start:
            freed += ends[counted[dropped]] - before[counted[dropped]]
            dropped += 1
        if start and overrun.length.tokens - freed <= overrun.room:
            return start
    return 0


def _carried(record: Record, overrun: Overrun) -> int:
    """Return the tokens of a system prompt that stands in the first question: the next one gets it then."""
    if not overrun.gauge.template.system_at.endswith("user"):
        return 0
    texts = [message.content for message in record.messages if message.meaning == "system"]
    return overrun.gauge.loaded().count("\n\n".join(text for text in texts if isinstance(text, str)))


def _droppable(record: Record, end: int) -> Iterator[Message]:
    """Yield the messages before the place `end` that the fix takes out."""
    return (message for message in record.messages if message.index < end and message.meaning != "system")


def _turns(record: Record) -> Iterator[int]:
    """Yield where turns begin: at a user's message, unless it only goes on or brings the result of a tool."""
    before = None
    for message in record.messages:
        if message.meaning == "user" and before != "user" and not _brings_result(message):
            yield message.index
        before = message.meaning


def _brings_result(message: Message) -> bool:
    """Whether it brings a tool's result, as the user's messages do with Anthropic, Bedrock and Gemini."""
    return any(what == RESULT for what, _ in calls_and_results(message.content))
