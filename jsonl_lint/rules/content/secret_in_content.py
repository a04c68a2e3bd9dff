"""JL702."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule
from jsonl_lint.secrets import KEY_BEGINS, MARKS, PATTERNS, first_of_each_kind


class SecretInContent(TextRule):
    """A text holds what looks like a working secret.

    API keys, access tokens and private keys are meant. A trained model can be made to say it, and whoever gets the file
    can use it. Known kinds are recognised by their prefix and length; obviously made-up keys are ignored. So are the
    passwords in addresses of databases (`postgres://user:password@host`) that are nothing but usual words, and those
    for localhost, an example's host or one without a dot. The finding names the kind and never shows the secret.
    """

    code = "JL702"
    name = "secret-in-content"
    severity = Severity.WARNING
    help = "Revoke the secret, then replace it in the data."
    sensitive = True
    long_words = True
    long_word_pattern = KEY_BEGINS
    marks = MARKS
    patterns = ("-----BEGIN ", r"(?:SG|hvs)\.[A-Za-z0-9_-]{9}", *PATTERNS)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each kind in a text."""
        for text in record.texts:
            for secret in first_of_each_kind(text.value):
                message = f"the text holds {secret.kind}{secret.shown}"
                yield self.sketch(text.pointer, message, within=(secret.start, secret.end))
