"""JL321."""

from __future__ import annotations

import marshal
from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import DefinitionRule
from jsonl_lint.toolcalls import Definition, Definitions, Remark
from jsonl_lint.wording import has_long_run


class SecretInTool(DefinitionRule):
    """The definition of a tool holds what looks like a working secret.

    It may be in a description, or in a parameter's `default` or `examples`: definitions are often copied from a service
    that runs. They are part of every prompt, so the model sees it in training. What counts as a secret is what
    `secret-in-content` says; the finding never shows it.
    """

    code = "JL321"
    name = "secret-in-tool"
    severity = Severity.WARNING
    help = "Revoke the secret, then replace it in the definition."
    sensitive = True

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each kind in a text of a definition."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message)


@toolcalls.about_definitions
def _look(definitions: Definitions) -> Iterator[Remark]:
    from jsonl_lint.secrets import secrets_in

    for place, definition in definitions.placed:
        for pointer, text in definition.strings() if _may_hold_one(definition) else ():
            for name, shown in dict.fromkeys(secrets_in(text)):
                yield Remark((*place, *pointer), f"the definition holds {name}{shown}")


def _may_hold_one(definition: Definition) -> bool:
    """Whether its texts have to be looked at one by one, which takes much longer than this."""
    try:
        texts = marshal.dumps(definition.value, 2)  # they stand in it as they are
    except ValueError:
        return True
    return b"@" in texts or has_long_run(texts)
