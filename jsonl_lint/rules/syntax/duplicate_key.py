"""JL019."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem, member_value, object_with_key_at, parse, without_surrogates
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, repair, shown_key
from jsonl_lint.splice import deletions


class DuplicateKey(LineRule):
    """An object holds the same key twice.

    Parsers keep one of the two values, mostly the last, and say nothing: the other one is lost.

    Fix: safe where both values are equal, else unsafe (the last one is kept, as parsers do).
    """

    code = "JL019"
    name = "duplicate-key"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Keep one of the two."

    def explain(self, problem: Problem) -> str:
        """Both places."""
        first, second = (int(place) + 1 for place in problem.detail.split(","))
        key = shown_key(str(problem.pointer[-1]))
        return f"the key `{key}` stands twice, at columns {first} and {second}; parsers keep only the last value"

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Equal is what is spelled alike."""
        first, second = (member_value(text, int(place)) for place in problem.detail.split(","))
        if first is None or second is None:
            return self.fix
        start, end = second
        same = end - start == first[1] - first[0] and text.startswith(text[start:end], first[0])
        return Applicability.SAFE if same else self.fix

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """The first of the members with this key goes."""
        node = object_with_key_at(parse(without_surrogates(text)), sketch.start)
        if node is None or node.members is None:
            return None
        keys = [member.key for member in node.members]
        doomed = keys.index(str(sketch.pointer[-1]))
        verbs = (Substitute(*edit) for edit in deletions(node, node.members, [doomed]))
        return repair("Drop the first of the two", *verbs)
