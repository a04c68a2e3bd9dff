"""Conversations that are known to be clean before anything is judged: the plainest, for targets that take them all.

Many small files hold nothing else, and then no rule about the structure of a record has to be imported. Tests judge
each of them with every rule, selected or not, so what is vouched for here holds for any selection.
"""

from __future__ import annotations

from jsonl_lint.config import Settings

TARGETS = ("azure", "databricks", "generic", "mistral", "mistral-finetune", "nebius", "openai", "together")
"""Shipped targets, for supervised fine-tuning: a prompt for `rl` may have to end otherwise."""

MOST_TURNS = 4


def clean_chats(settings: Settings) -> tuple[tuple[str, ...], ...]:
    """The roles of such conversations; none where a model, a limit or a schema of the user's may say otherwise."""
    own = (settings.schema, settings.model, settings.max_tokens, settings.tokenizer, settings.models)
    if settings.target not in TARGETS or settings.method != "sft" or any(value is not None for value in own):
        return ()
    turns = ("user", "assistant")
    return tuple((*head, *turns * count) for head in ((), ("system",)) for count in range(1, MOST_TURNS + 1))
