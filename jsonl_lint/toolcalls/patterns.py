"""Tell patterns that are no regular expressions in any dialect. Those of JSON Schema are JavaScript's."""

from __future__ import annotations

import re

_UNCERTAIN = re.compile(r"\[\^?\]|\\Q|\(\?#|\(\?[a-zA-Z]*x|\(\*")
"""What dialects read so differently that nothing can be said: empty sets, quotes, comments, verbs."""

_COUNTS = re.compile(r"\{([0-9]{1,9}),([0-9]{1,9})\}")


def pattern_problem(text: str) -> str:
    """Return what is wrong with a pattern, `""` if some dialect may take it. It is read once and never run."""
    if _UNCERTAIN.search(text):
        return ""
    groups, in_set, anything, at = 0, False, False, 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\\":
            if at == len(text):
                return "it ends with a backslash"
            at, anything = at + 1, True
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = anything = True
        elif character == "(":
            groups, anything = groups + 1, False
            at += text.startswith("?", at)
        elif character == ")":
            if not groups:
                return "a `)` closes nothing"
            groups, anything = groups - 1, True
        elif character in "*+?" and not anything:
            return f"nothing stands before a `{character}`"
        elif (
            character == "{"
            and anything
            and (counts := _COUNTS.match(text, at - 1))
            and int(counts[1]) > int(counts[2])
        ):
            return f"`{counts[0]}` is at least more than at most"
        else:
            anything = character != "|"
    return "a `[` is not closed" if in_set else "a `(` is not closed" if groups else ""
