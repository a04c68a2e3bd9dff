"""The plan: which rules run on what, and so the verdict on a structure. `planning` makes it from the settings.

A structure is judged once and remembered, so a plan's memory grows; but what a plan answers depends on nothing but its
arguments.
"""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.dialects import dialect_of
from jsonl_lint.formats import BY_NAME, PAIRS, foreign_dialect, formats_of, intended_format
from jsonl_lint.model import Applicability, Severity, value_at
from jsonl_lint.plans.commontail import CommonTails
from jsonl_lint.plans.registry import OrderedRules, Rules
from jsonl_lint.plans.scan import Scan
from jsonl_lint.plans.verdicts import MOST_SKETCHES, Memory, Sketches, Verdict
from jsonl_lint.rule import (
    DatasetRule,
    FileRule,
    LengthRule,
    LineRule,
    ModelRule,
    Record,
    RecordRule,
    RereadingRule,
    Rule,
    SchemaRule,
    Screen,
    Sketch,
    StructureRule,
    SyntaxRule,
)
from jsonl_lint.schemas import Shape, Violation, load_schema, specialise
from jsonl_lint.structure import Signature, abstract, message_lists, numbers_at
from jsonl_lint.target import BATCH_FORMATS, Target
from jsonl_lint.validator import Validator

if TYPE_CHECKING:
    from jsonl_lint.native.recogniser import Recogniser
    from jsonl_lint.tokens.ruler import Ruler

__all__ = ["Plan", "Verdict"]

SILENT = "-"
"""Where a schema names a rule: another rule tells this defect from the real record."""


class Plan(NamedTuple):
    """Compiled settings. `planning.compile_plan` makes one; it may serve any number of files."""

    settings: Settings
    target: Target
    rules: Rules[Rule]
    """The selected rules by name."""
    rules_by_name: Rules[Rule]
    """All rules, selected or not: a problem is first named by its rule, and left out later if that is off."""
    severities: Mapping[str, Severity]
    line_rules: Rules[LineRule]
    syntax_rules: OrderedRules[SyntaxRule]
    structure_rules: OrderedRules[StructureRule]
    record_rules: OrderedRules[RecordRule]
    dataset_rules: OrderedRules[DatasetRule]
    compares: bool
    """Whether records are compared with others as a whole, so that each line's key is kept."""
    tracks_kinds: bool
    """Whether keys are noted, with the types of their values."""
    right_types: Mapping[str, str]
    """How pointers to some values end, and the only type that the rules about records allow there."""
    rereading_rules: OrderedRules[RereadingRule]
    file_rules: OrderedRules[FileRule]
    length_rules: OrderedRules[LengthRule]
    model_rules: OrderedRules[ModelRule]
    ruler: Callable[[], "Ruler"]
    """What measures records; made when it is first needed."""
    sure_bytes: int
    """A line of plain messages with at most this many bytes is not too long for the model."""
    shapes: dict[str, Shape]
    """The schemas of the target's formats, each compiled when it is first needed."""
    user_schema: Validator | None
    parse: Callable[[bytes], Any]
    memory: Memory
    """The verdicts on structures that have been seen."""
    recogniser: Callable[[], "Recogniser | None"]
    """Makes what recognises records in raw bytes, for one stream of lines; None where that cannot be done."""
    scan: Scan | None
    """Says which rules about texts have to see a record; None if there are none."""
    common_tails: CommonTails
    """What the last records with tools end with."""
    ends: Callable[[str], bool]
    """Says of a record's last text whether one of these rules asks for how it ends."""
    others: dict[str, Any]
    """The keys of the files of `--against` and the state in which each was read, by path; read when first needed."""
    reclassified: Mapping[str, Applicability | None]
    """What the settings make of the fixes of a rule; None: it has none."""
    large: bool = False
    """Whether the file is known to be so large that compiling what passes over lines is soon worth it."""
    show_fixes: bool = True
    """Whether findings carry their edits. Whether there is a fix is known without."""
    show_context: bool = True
    """Whether findings carry what stands around them."""

    @property
    def reads_again(self) -> bool:
        """Whether a file's lines may be wanted again when it has ended."""
        return self.compares or bool(self.rereading_rules)

    def verdict(self, shape: Signature, record: Mapping[str, Any], file_format: str | None) -> Verdict:
        """The verdict on the record's structure, whose signature is `shape`."""
        found = self.memory.verdict(shape, file_format)
        if found is None:
            found = self._judge(abstract(record), record, file_format)
            self.memory.keep(found, shape, file_format, passes=self.passes(found))
        return found

    @property
    def most_sketches(self) -> int:
        """How many findings of one rule are kept of a record, 0 for all; the others are counted."""
        return self.settings.max_findings and max(self.settings.max_findings, MOST_SKETCHES)

    def applicability(self, rule: str, usual: Applicability | None) -> Applicability | None:
        """How findings of a rule are repaired that usually are in this way; None where they are not."""
        return self.reclassified.get(rule, usual) if usual else None

    def passes(self, found: Verdict) -> bool:
        """Whether nothing can be found in records of that structure but by their texts, if their lines are short."""
        return found.clean and found.sure_bytes == self.sure_bytes and found.satisfies

    def _satisfied(self, record: Mapping[str, Any]) -> bool:
        """Whether all records with the structure of this one surely satisfy the user's schema."""
        if self.user_schema is None:
            return True
        from jsonl_lint.plans.outline import all_satisfy  # few users have a schema

        return all_satisfy(self.user_schema.schema, record)

    def _judge(self, value: dict[str, Any], real: Mapping[str, Any], file_format: str | None) -> Verdict:
        """The verdict on the structure of `real`; `value` has that structure and nothing else."""
        own = self.own_format(value, file_format)
        checked_as = own or self._stand_in(value, file_format)
        record = self.record(value, own, file_format, checked_as)
        sketches = Sketches(self.most_sketches)
        sketches.add(self._schema_sketches(value, own, checked_as))
        for rule in self.structure_rules.about(own, record.lacks):
            sketches.add(rule.check(record))
        if self.settings.model is not None and self.model_rules and own not in BATCH_FORMATS:
            use = self.ruler().use(self.settings.model, "fine-tuning")
            for model_rule in self.model_rules:
                sketches.add(model_rule.of_record(use, record))
        rules = self._real_rules(record, real)
        sure_bytes, tools = self._length(record)
        return Verdict(
            sketches=tuple(sketches.kept),
            more=tuple(sketches.more.items()),
            format=own,
            numbers_at=numbers_at(real),
            rules=rules,
            screens=_screens(rules),
            keys=tuple(rule for rule in self.dataset_rules.about(own, record.lacks) if rule.concerns(record)),
            max_bytes=self.target.limits_in(own).get("max_record_bytes"),
            sure_bytes=sure_bytes,
            tools=tools,
            names_model=own in BATCH_FORMATS,
            calls=_calls(value),
            satisfies=self._satisfied(real),
        )

    def _real_rules(self, record: Record, real: Mapping[str, Any]) -> tuple[RecordRule, ...]:
        """Those that have to see real records of this structure.

        What a chat does not lack it has, so rules about it surely concern it. Those that may be late, and whose screen
        this very record passes, are not imported before one comes that does not.
        """
        late = self.record_rules.about(record.format, record.lacks, late=True) if record.format == "chat" else []
        screens = dict.fromkeys(rule.screen for rule in late if rule.screen is not None)
        if screens and all([screen.passes(real, record.format, self.target) for screen in screens]):
            found = late
        else:
            found = self.record_rules.about(record.format, record.lacks)
        return tuple(rule for rule in found if rule.concerns(record))

    def _schema_sketches(self, value: dict[str, Any], own: str | None, checked_as: str | None) -> Iterator[Sketch]:
        """What the format's schema finds, but for root keys that make another format of the record as well."""
        if checked_as is None:
            return
        found = formats_of(value.keys(), self.target.formats)
        others = {key for other in found if other.name != own for key in other.required}
        for violation in self.shape(checked_as).each(value):
            if not (violation.pointer == () and violation.subject in others):
                yield from self.report(violation, value)

    def _length(self, record: Record) -> tuple[int, bool]:
        """`sure_bytes` and `tools` of the verdict on the record's structure."""
        if record.format in BATCH_FORMATS:
            return -1 if self.length_rules else sys.maxsize, bool(record.messages) and not _has_images(record)
        if self.sure_bytes == sys.maxsize:
            return sys.maxsize, False
        tools = (
            bool(record.tools or record.value.get("history"))
            or record.format == "preference"
            or any(message.value.get("tool_calls") or message.value.get("function_call") for message in record.messages)
        )
        images = _has_images(record)
        return self.ruler().sure_bytes_for(record.format, tools=tools, images=images), tools and not images

    def own_format(self, keys: Collection[str], file_format: str | None) -> str | None:
        """The accepted format that a record with these root keys has, or is meant to have; the file's own first.

        Of several, a pair of answers is what `--method dpo` is about. The record itself may turn out another dialect's.
        """
        found = formats_of(keys, self.target.formats)
        names = [known.name for known in found]
        if len(found) == 1 and isinstance(keys, Mapping):
            free = self.target.has_grader_keys(self.settings.method)
            return None if foreign_dialect(keys, found[0].required, self.target.formats, any_keys=free) else names[0]
        if names:
            pairs = [name for name in names if name in PAIRS and self.settings.method == "dpo"]
            return file_format if file_format in names else (pairs or names)[0]
        intended = intended_format(keys, self.target.formats, file_format)
        return intended.name if intended else None

    def _stand_in(self, value: Mapping[str, Any], file_format: str | None) -> str | None:
        """A record of no format and no dialect is checked as what its file holds."""
        return file_format if file_format in self.target.formats and not dialect_of(value.keys()) else None

    def shape(self, format: str) -> Shape:  # noqa: A002
        """The schema of an accepted format, with the target's own lists in it."""
        if format not in self.shapes:
            schema = load_schema(BY_NAME[format].schema)
            self.shapes[format] = Shape(specialise(schema, _lists(self.target, format, self.settings.method)))
        return self.shapes[format]

    def record(
        self,
        value: Mapping[str, Any],
        format: str | None,  # noqa: A002
        file_format: str | None,
        checked_as: str | None,
    ) -> Record:
        """The record as rules see it."""
        return Record(
            value,
            format=format,
            file_format=file_format,
            checked_as=checked_as,
            method=self.settings.method,
            target=self.target,
            decode_images=self.settings.decode_images,
        )

    def view(self, value: Mapping[str, Any], file_format: str | None) -> Record:
        """A real record as the rules see it that repair it."""
        own = self.own_format(value, file_format)
        return self.record(value, own, file_format, own or self._stand_in(value, file_format))

    def report(self, violation: Violation, value: Any = None) -> list[Sketch]:
        """The finding for a schema violation of a record, if its rule is selected and does not excuse it."""
        rule = self.rules.get(violation.rule)
        if isinstance(rule, SchemaRule) and not rule.excuses(violation, value):
            return [rule.report(violation, value_at(value, violation.pointer))]
        if violation.rule != SILENT and violation.rule not in self.rules_by_name:
            raise LookupError(f"a schema names the rule {violation.rule!r}, which does not exist")
        return []

    def not_an_object(self) -> list[Sketch]:
        """The finding for a record that is no object; none if the rule is off."""
        return self.report(Violation((), "type", "object", None, "not-an-object"))


def _has_images(record: Record) -> bool:
    """Whether a part of a message is more than a text."""
    parts = [part for message in record.messages if isinstance(message.content, list) for part in message.content]
    return any(isinstance(part, dict) and not isinstance(part.get("text"), str) for part in parts)


def _calls(record: Mapping[str, Any]) -> bool:
    """Whether a message calls a tool."""
    messages = chain.from_iterable(found for _, found in message_lists(record))
    return any(isinstance(message, dict) and isinstance(message.get("tool_calls"), list) for message in messages)


def _screens(rules: tuple[RecordRule, ...]) -> tuple[Screen, ...]:
    """The screens that the rules share, each once."""
    found = dict.fromkeys(rule.screen for rule in rules)
    return tuple(screen for screen in found if screen is not None) if None not in found else ()


def _lists(target: Target, format: str, method: str) -> dict[str, Any]:  # noqa: A002
    """What the target puts in place of a schema's own values: limits, roles, and the keys of each kind of object.

    A kind of object may be given for one format alone: `batch.message` is a message in a batch request.
    """
    lists: dict[str, Any] = {**target.limits, "roles": list(target.roles_in(format, method))}
    for kind, names in target.keys.items():
        if "." not in kind:
            lists.setdefault(kind, list(names))
        elif kind.startswith(f"{format}."):
            lists[kind.partition(".")[2]] = list(names)
    return lists
