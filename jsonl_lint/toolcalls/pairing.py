"""Pair tool calls with their results."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from jsonl_lint.model import Pointer
from jsonl_lint.records.record import Message, Record, once_per_record
from jsonl_lint.records.toolshapes import LEGACY, OPENAI, ToolShape, is_part
from jsonl_lint.target import BATCH_FORMATS
from jsonl_lint.toolcalls.calls import (
    Call,
    Result,
    all_calls,
    calls,
    is_result,
    refuses_older_calls,
    results_of,
    shape_of,
)
from jsonl_lint.toolcalls.conversations import Conversation, conversations


class Pairing(NamedTuple):
    """The calls and results of a record that do not fit together."""

    unanswered: list[Call]
    unmatched: list[tuple[Result, str]]
    """Results that answer no call, with the message about it."""
    repeated: list[tuple[Call, Call]]
    """Calls with the id of an earlier call, and that call."""


@once_per_record
def pairing(record: Record) -> Pairing:
    """Pair the record's calls with its results. Each answer beside a prompt or conversation continues that.

    Calls in the older form need results only where the target refuses that form, since they have to be rewritten there.
    """
    by_message: dict[Pointer, list[Call]] = {}
    for call in all_calls(record) if refuses_older_calls(record) else calls(record):
        by_message.setdefault(call.message.pointer, []).append(call)
    shape, asks = shape_of(record), record.format in BATCH_FORMATS
    result, *others = [_pair(conversation, by_message, shape, asks=asks) for conversation in conversations(record)]
    for other in others:
        seen = {answer.pointer for answer, _ in result.unmatched} | {call.pointer for call in result.unanswered}
        seen |= {call.pointer for call, _ in result.repeated}
        result.unanswered.extend([call for call in other.unanswered if call.pointer not in seen])
        result.unmatched.extend([pair for pair in other.unmatched if pair[0].pointer not in seen])
        result.repeated.extend([pair for pair in other.repeated if pair[0].pointer not in seen])
    return result


class _Open:
    """Calls that wait for their results; None stands for a call in another form.

    A call with the id of another one, of the `repeated`, may be meant by any other id. Each operation takes constant
    time, however many calls there are.
    """

    def __init__(self, calls: list[Call | None], repeated: Collection[Pointer] = ()) -> None:
        self.calls = calls
        self.answered = [False] * len(calls)
        self.first = 0
        self.by_key: dict[str | None, list[int]] = {}
        for index in range(len(calls) - 1, -1, -1):
            call = calls[index]
            self.by_key.setdefault(call.key if call else None, []).append(index)
            if call and call.pointer in repeated:
                self.by_key.setdefault(None, []).append(index)

    def take(self, key: str | None) -> bool:
        """Answer the first waiting call with this key; return whether there is one. None: one in another form."""
        indices = self.by_key.get(key, [])
        while indices:
            index = indices.pop()
            if not self.answered[index]:
                self.answered[index] = True
                return True
        return False

    def take_first(self) -> bool:
        """Answer the first waiting call, whatever its key; return whether there is one."""
        while self.first < len(self.calls):
            self.first += 1
            if not self.answered[self.first - 1]:
                self.answered[self.first - 1] = True
                return True
        return False

    def unanswered(self, unreadable: int) -> list[Call]:
        """Return the calls that still wait, without those that unreadable results may answer."""
        pairs = zip(self.calls, self.answered, strict=True)
        return [call for call, answered in pairs if call is not None and not answered][unreadable:]


def _pair(
    conversation: Conversation, by_message: dict[Pointer, list[Call]], shape: ToolShape, *, asks: bool
) -> Pairing:
    """Pair the calls and results of one conversation.

    Results must follow their calls immediately; the calls at the very end need none, unless some of them have one, or
    the conversation `asks` for an answer. A result without an id answers the first open call. Unreadable calls and
    results are reported by other rules; here they are assumed to match: such a result may answer any earlier call, and
    such a call may have any later result.
    """
    result = Pairing([], [], [])
    ids: dict[str, Call] = {}
    answered: set[str] = set()
    waiting = _NONE_OPEN
    some_answered = calls_hidden = False
    unreadable = 0
    for message in conversation:
        doubtful = _doubtful(message, shape)
        results = results_of(message, shape) if message and (shape.result or is_result(message)) else ()
        if message is None or results or (doubtful and message.meaning != "assistant"):
            problems = [(each, _answer(each, waiting, ids, answered)) for each in results]
            if not calls_hidden:
                result.unmatched.extend((each, problem) for each, problem in problems if problem is not None)
            some_answered = some_answered or bool(results)
            calls_hidden = calls_hidden or message is None or message.meaning is None
            unreadable += doubtful
            continue
        if waiting.calls:
            result.unanswered.extend(waiting.unanswered(unreadable))
        some_answered, unreadable = False, 0
        made = by_message.get(message.pointer, [])
        repeated = list(_repeated(made, ids, answered))
        result.repeated.extend(repeated)
        elsewhere = doubtful + (_other_calls(message, made) if shape is OPENAI else 0)
        calls_hidden = bool(doubtful) and not isinstance(message.value.get("tool_calls", message.content), list)
        waiting = _opened(made, {call.pointer for call, _ in repeated}, elsewhere)
    if some_answered or asks:
        result.unanswered.extend(waiting.unanswered(unreadable))
    return result


_NONE_OPEN = _Open([])


def _opened(made: list[Call], repeated: set[Pointer], elsewhere: int) -> _Open:
    """Return the calls of a message as open ones, with as many unknown ones as are `elsewhere` in it."""
    return _Open([*made, *[None] * elsewhere], repeated) if made or elsewhere else _NONE_OPEN


def _repeated(made: list[Call], ids: dict[str, Call], answered: set[str]) -> Iterator[tuple[Call, Call]]:
    """Note the keys of new calls, which may be answered again; yield each call with the id of an earlier one."""
    for call in made:
        if call.key is not None and ids.setdefault(call.key, call) is not call:
            if call.id is not None:
                yield call, ids[call.key]
            answered.discard(call.key)


def _doubtful(message: Message | None, shape: ToolShape) -> int:
    """Return how many calls or results of a message cannot be read."""
    if message is None:
        return 1
    if not shape.result:
        calls = message.value.get("tool_calls")
        if isinstance(calls, list):
            return sum([not isinstance(call, dict) for call in calls])
        return int(calls is not None or (message.meaning is None and not is_result(message)))
    parts = message.content
    if isinstance(parts, list):
        return sum([not is_part(part) for part in parts])
    return int(not (shape.typed and isinstance(parts, str)))


def _other_calls(message: Message, made: list[Call]) -> int:
    """Return how many calls are not among those `made`: `function_call`, as key or role, and parts of other formats."""
    content = message.content
    parts = content if isinstance(content, list) else []
    in_parts = sum([isinstance(part, dict) and part.get("type") in ("tool_call", "tool_use") for part in parts])
    older = bool(message.value.get("function_call")) and not any([call.shape is LEGACY for call in made])
    return in_parts + (older or message.role in ("function_call", "tool_call"))


def _answer(result: Result, waiting: _Open, ids: dict[str, Call], answered: set[str]) -> str | None:
    """Take the call that a result answers from those that wait; return the message if there is none."""
    wanted = result.key
    if wanted is None:
        return None if waiting.take_first() else "answers no call: there is none before it that is still open"
    if waiting.take(wanted):
        answered.add(wanted)
        return None
    if wanted in answered:
        waiting.take_first()  # one defect, not two: the call that was meant is not reported as well
        return "answers {value}, which has been answered before"
    if wanted in ids:  # too late: its call has been reported as unanswered
        answered.add(wanted)
        return None
    if waiting.take(None):
        return None
    waiting.take_first()
    return f"answers {{value}}, which is the {_noun(result)} of no call before it"


def _noun(result: Result) -> str:
    return "name" if result.key_pointer[-1] == "name" else "id"
