"""The plainest conversations, which are known to be clean without being judged, for targets that accept all of them.

Many small files contain nothing else, and then no rule about structures has to be imported. Tests judge each of these
conversations with every rule, so they are clean for any selection of rules.
"""

from __future__ import annotations

from jsonl_lint.config import Settings

TARGETS = ("azure", "databricks", "generic", "mistral", "mistral-finetune", "nebius", "openai", "together")
"""Built-in targets, for the method `sft` only: a prompt for `rl` may have to end differently."""

MOST_TURNS = 4


def clean_chats(settings: Settings) -> tuple[tuple[str, ...], ...]:
    """Return the roles of these conversations; none if a model, a limit or a user's schema may reject them."""
    own = (settings.schema, *settings.of_limits)
    if settings.target not in TARGETS or settings.method != "sft" or any(value is not None for value in own):
        return ()
    turns = ("user", "assistant")
    return tuple((*head, *turns * count) for head in ((), ("system",)) for count in range(1, MOST_TURNS + 1))
