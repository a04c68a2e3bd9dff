"""JL225."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import (
    CopyRecord,
    Delete,
    Insert,
    Message,
    ModelRule,
    Record,
    Repair,
    Replace,
    Sketch,
    StructureRule,
    Verb,
    repair,
)

if TYPE_CHECKING:
    from jsonl_lint.tokens.uses import ModelUse

MOST_COPIES = 64
"""Longer conversations are not split: the copies would grow with the square of their length."""


class UntrainedEarlierTurns(StructureRule, ModelRule):
    """With reasoning, only the last of several answers is trained.

    Together trains reasoning models on the last assistant message alone; the earlier answers only cost tokens. Reported
    are records with reasoning, and any record if `--model` is such a model. With `--method rl` this rule is silent; an
    answer of weight 0 is not meant to be trained.

    Fix: unsafe. The record is split, so that each answer ends one; the answers before it get the weight 0. A greeting
    at the beginning, which answers nothing, ends none.
    """

    code = "JL225"
    name = "untrained-earlier-turns"
    severity = Severity.INFO
    fix = Applicability.UNSAFE
    help = "Split the conversation so that each answer ends a record of its own."
    needs = "reasoning"
    about_conversation = True

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the first answer that is not trained. Tool calls on the way to an answer do not count."""
        answers = _answers(record)
        if _reasons(answers):
            yield from self._look(record, answers)

    def of_record(self, use: ModelUse, record: Record) -> Iterator[Sketch]:
        """Yield the first answer that is not trained, of a record without reasoning for a model that reasons."""
        if record.format == "chat" and use.service == "fine-tuning" and use.capabilities.get("reasoning"):
            answers = _answers(record)
            if not _reasons(answers):
                yield from self._look(record, answers)

    def _look(self, record: Record, answers: list[Message]) -> Iterator[Sketch]:
        if record.method != "rl" and len(answers) > 1:
            fix = self.fix if len(answers) <= MOST_COPIES else None
            yield self.sketch(answers[0].pointer, f"only the last of {len(answers)} answers is trained", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Insert a copy of the record for each answer but the last, with the conversation up to that answer."""
        answers = _answers(record)
        untrained = [_untrained(answer) for answer in answers[:-1]]
        copies: list[Verb] = []
        for position, answer in enumerate(answers[:-1]):
            if _is_greeting(record, answer):
                continue
            rest = range(answer.index + 1, len(record.conversation or ()))
            copies.append(
                CopyRecord((*untrained[:position], *(Delete((*record.messages_at, index)) for index in rest)))
            )
        title = "Split the conversation, so that each answer ends a record"
        return repair(title if copies else "Give the greeting the weight 0", *copies, *untrained)


def _reasons(answers: list[Message]) -> bool:
    return any(answer.has_text("reasoning") or answer.has_text("reasoning_content") for answer in answers)


def _answers(record: Record) -> list[Message]:
    return [
        message
        for message in record.messages
        if message.trained and message.has_text() and not message.value.get("tool_calls")
    ]


def _is_greeting(record: Record, message: Message) -> bool:
    """Whether the assistant speaks before anybody has asked."""
    return all(each.meaning in ("system", "assistant") for each in record.messages if each.index < message.index)


def _untrained(message: Message) -> Verb:
    """Return the verb that gives an answer the weight 0: the trainer leaves it out anyway."""
    if "weight" in message.value:
        return Replace((*message.pointer, "weight"), "0")
    return Insert(message.pointer, "weight", "0")
