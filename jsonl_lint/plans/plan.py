"""The plan: which rules run on what, and from that the verdict on a structure. `planning` compiles it.

A plan caches the verdicts on structures, so its memory grows; but its results depend on nothing but its arguments.
"""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.dialects import dialect_of
from jsonl_lint.model import EVERY_FIX, Applicability, Severity, value_at
from jsonl_lint.plans.commontail import CommonTails
from jsonl_lint.plans.profiles import ProfileVerdicts
from jsonl_lint.plans.registry import OrderedRules, Rules
from jsonl_lint.plans.scan import Scan
from jsonl_lint.plans.verdicts import MOST_SKETCHES, Memory, Sketches, Verdict, grouped, has_calls, has_images
from jsonl_lint.records.formats import BY_NAME, OTHER_TOOLS, PAIRS, foreign_dialect, formats_of, in_use, intended_format
from jsonl_lint.records.structure import Signature, abstract, number_holders
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
    Sketch,
    StructureRule,
    SyntaxRule,
)
from jsonl_lint.schemas import Shape, Violation, load_schema, specialise
from jsonl_lint.target import BATCH_FORMATS, Target
from jsonl_lint.validator import Validator

if TYPE_CHECKING:
    from jsonl_lint.native.recogniser import Recogniser
    from jsonl_lint.tokens.ruler import Ruler


class RulesByKind(NamedTuple):
    """The selected rules of each kind that the engine runs, in their order; of `line` and `syntax` rules all."""

    line: Rules[LineRule]
    syntax: OrderedRules[SyntaxRule]
    structure: OrderedRules[StructureRule]
    record: OrderedRules[RecordRule]
    dataset: OrderedRules[DatasetRule]
    rereading: OrderedRules[RereadingRule]
    file: OrderedRules[FileRule]
    length: OrderedRules[LengthRule]
    model: OrderedRules[ModelRule]


class Plan(NamedTuple):
    """Compiled settings. `planning.compile_plan` makes one; it may serve any number of files."""

    settings: Settings
    target: Target
    rules: Rules[Rule]
    """The selected rules by name."""
    rules_by_name: Rules[Rule]
    """All rules, selected or not: a syntax problem is first named after its rule, and dropped later if that is off."""
    severities: Mapping[str, Severity]
    by_kind: RulesByKind
    compares: bool
    """Whether whole records are compared, so that each line's key is kept."""
    tracks_kinds: bool
    """Whether the kinds of values are noted."""
    right_types: Mapping[str, str]
    """The only type that the rules about records allow for some values, by how the pointers to these end."""
    ruler: Callable[[], "Ruler"]
    """Returns what measures records, which is made on first use."""
    sure_bytes: int
    """A line of plain messages with at most this many bytes certainly fits the model."""
    user_schema: Validator | None
    profiles: ProfileVerdicts | None
    """The verdicts that long conversations of one profile share; None if these may break different rules."""
    parse: Callable[[bytes], Any]
    memory: Memory
    """What has been cached, such as the verdicts on structures."""
    recogniser: Callable[[], "Recogniser | None"]
    """Makes a recogniser of records in raw bytes, for one stream of lines; None if the C code is not available."""
    scan: Scan | None
    """Says which text rules have to see a record; None if there are no text rules."""
    common_tails: CommonTails
    """The tools with which recent lines ended."""
    reclassified: Mapping[str, Applicability | None]
    """The applicability of rules' fixes where the settings or the target change it; None: not fixable."""
    large: bool = False
    """Whether the file is known to be large, so that compiling the Hyperscan filters soon pays off."""
    edited: frozenset[Applicability] = EVERY_FIX
    """Which fixes come with their edits. Whether there is a fix is known without them."""
    show_context: bool = True
    """Whether findings carry an excerpt of their line."""

    def __repr__(self) -> str:
        """Return what it is for: its fields would fill pages."""
        return f"<Plan: {len(self.rules)} rules for {self.target.name}>"

    @property
    def alone(self) -> "Plan":
        """The plan for records that are not lines yet: they are not compared, and nothing in them is edited."""
        return self._replace(compares=False, tracks_kinds=False, edited=frozenset())

    @property
    def reads_again(self) -> bool:
        """Whether a file's lines may have to be read again after its end."""
        return self.compares or bool(self.by_kind.rereading)

    def verdict(self, shape: Signature, record: Mapping[str, Any], file_format: str | None) -> Verdict:
        """Return the verdict on the record's structure, whose signature is `shape`."""
        memory = self.memory
        found = memory.verdict(shape, file_format)
        if found is not None:
            return found
        known = self.profiles.verdict(shape, file_format) if self.profiles else None
        found = known or self._judge(abstract(record), record, file_format)
        if self.profiles and not known:
            found = self.profiles.learn(found, shape, file_format)
        passes = self.passes(found)
        if passes or found.sketches or not known:  # another is found by its profile again, and few of these come back
            memory.keep(found, shape, file_format, passes=passes)
        return found

    @property
    def most_sketches(self) -> int:
        """How many sketches of one rule are kept per record, 0 for all; the others are only counted."""
        return self.settings.max_findings and max(self.settings.max_findings, MOST_SKETCHES)

    def applicability(self, rule: str, usual: Applicability | None) -> Applicability | None:
        """Return the applicability of a rule's fix according to the settings; `usual` is the rule's own."""
        return self.reclassified.get(rule, usual) if usual else None

    def passes(self, found: Verdict) -> bool:
        """Whether only texts can give findings in records of that structure, if their lines are short."""
        return found.clean and found.sure_bytes == self.sure_bytes and found.satisfies

    def _satisfied(self, record: Mapping[str, Any]) -> bool:
        """Whether all records with the same structure as this one certainly satisfy the user's schema."""
        if self.user_schema is None:
            return True
        from jsonl_lint.plans.outline import all_satisfy  # few users have a schema

        return all_satisfy(self.user_schema.schema, record)

    def _judge(self, value: dict[str, Any], real: Mapping[str, Any], file_format: str | None) -> Verdict:
        """Judge the structure of `real`; `value` is its abstract record."""
        own = self.own_format(value, file_format)
        record = self.view_as(value, own, file_format)
        sketches = Sketches(self.most_sketches)
        sketches.add(self._schema_sketches(value, own, record.checked_as))
        for rule in self.by_kind.structure.about(own, record.lacks):
            sketches.add(rule.check(record))
        if self.settings.model is not None and self.by_kind.model and own not in BATCH_FORMATS:
            use = self.ruler().use(self.settings.model, "fine-tuning")
            for model_rule in self.by_kind.model:
                sketches.add(model_rule.of_record(use, record))
        rules = self._real_rules(record, real)
        shown = [rule for rule in rules if rule.is_shown(record)]
        for shown_rule in shown:
            sketches.add(shown_rule.check(record))
        sure_bytes, tools = self._length(record)
        keys = [rule for rule in self.by_kind.dataset.about(own, record.lacks) if rule.concerns(record)]
        found = Verdict(
            sketches=tuple(sketches.kept),
            more=tuple(sketches.more.items()),
            format=own,
            numbers=next(number_holders(real), None) is not None,
            rules=grouped([rule for rule in rules if rule not in shown], record),
            keys=tuple(keys),
            text_keys=tuple([rule for rule in keys if not rule.is_shown(record)]),
            max_bytes=self.target.limit("max_record_bytes", own),
            sure_bytes=sure_bytes,
            tools=tools,
            names_model=own in BATCH_FORMATS,
            calls=has_calls(value),
            satisfies=self._satisfied(real),
        )
        if found.names_model:
            from jsonl_lint.plans.requests import settled  # it imports what counts tokens

            return settled(found, record, real, self.by_kind.model, self.ruler(), lengths=bool(self.by_kind.length))
        return found

    def _real_rules(self, record: Record, real: Mapping[str, Any]) -> list[RecordRule]:
        """Return the rules that have to see real records of this structure.

        A chat with definitions has what it does not lack, so rules about that certainly concern it. Those that may be
        late are not imported until a record does not pass their screen.
        """
        defines = record.format == "chat" and bool(record.tools)
        late = self.by_kind.record.about(record.format, record.lacks, late=True) if defines else []
        screens = dict.fromkeys(rule.screen for rule in late if rule.screen is not None)
        if screens and all([screen.passes(real, record.format, self.target) for screen in screens]):
            found = late
        else:
            found = self.by_kind.record.about(record.format, record.lacks)
        return [rule for rule in found if rule.concerns(record)]

    def _schema_sketches(self, value: dict[str, Any], own: str | None, checked_as: str | None) -> Iterator[Sketch]:
        """Yield what the format's schema finds, except for root keys that another format of the record requires."""
        if checked_as is None:
            return
        found = formats_of(value.keys(), self.target.formats)
        others = {key for other in found if other.name != own for key in other.required}
        for violation in self.shape(checked_as).each(value):
            if not (violation.pointer == () and violation.subject in others):
                yield from self.report(violation, value)

    def _length(self, record: Record) -> tuple[int, bool]:
        """Return `sure_bytes` and `tools` of the verdict on the record's structure."""
        if record.format in BATCH_FORMATS:
            return -1 if self.by_kind.length else sys.maxsize, bool(record.messages) and not has_images(record)
        if self.sure_bytes == sys.maxsize:
            return sys.maxsize, False
        tools = (
            bool(record.tools or record.value.get("history") or any(map(record.value.get, OTHER_TOOLS)))
            or record.format == "preference"
            or any(
                message.value.get("tool_calls") or message.value.get("function_call")
                for message in chain(*record.message_lists)
            )
        )
        images = has_images(record)
        return self.ruler().sure_bytes_for(record.format, tools=tools, images=images), tools and not images

    def own_format(self, keys: Collection[str], file_format: str | None) -> str | None:
        """Return the accepted format that a record with these root keys has, or is meant to have, else None.

        Of several, the file's own is preferred, and with `--method dpo` a preference pair. If `keys` is the record
        itself, it may turn out to belong to another dialect, and a format counts only if it has more than null for it.
        """
        found = formats_of(keys, self.target.formats)
        used = in_use(found, keys) if len(found) > 1 and isinstance(keys, Mapping) else []
        names = [known.name for known in used or found]
        if len(found) == 1 and isinstance(keys, Mapping):
            free = self.target.has_grader_keys(self.settings.method)
            return None if foreign_dialect(keys, found[0].required, self.target.formats, any_keys=free) else names[0]
        if names:
            pairs = [name for name in names if name in PAIRS and self.settings.method == "dpo"]
            return file_format if file_format in names else (pairs or names)[0]
        intended = intended_format(keys, self.target.formats, file_format)
        return intended.name if intended else None

    def _stand_in(self, value: Mapping[str, Any], file_format: str | None) -> str | None:
        """Return the format that a record of no format and no dialect is checked as: that of its file."""
        return file_format if file_format in self.target.formats and not dialect_of(value.keys()) else None

    def shape(self, format: str) -> Shape:
        """Return the schema of an accepted format, with the target's own lists filled in."""
        shapes = self.memory.shapes
        if format not in shapes:
            schema = load_schema(BY_NAME[format].schema)
            shapes[format] = Shape(specialise(schema, self.target.lists_in(format, self.settings.method)))
        return shapes[format]

    def record(
        self, value: Mapping[str, Any], own: str | None, file_format: str | None, stand_in: str | None = None
    ) -> Record:
        """Return the record as rules see it: of the format `own`, or checked as of the format `stand_in`."""
        return Record(
            value,
            format=own,
            file_format=file_format,
            checked_as=own or stand_in,
            method=self.settings.method,
            target=self.target,
            decode_images=self.settings.decode_images,
        )

    def view(self, value: Mapping[str, Any], file_format: str | None) -> Record:
        """Return a real record whose verdict is not at hand, as rules see it."""
        return self.view_as(value, self.own_format(value, file_format), file_format)

    def view_as(self, value: Mapping[str, Any], own: str | None, file_format: str | None) -> Record:
        """Return a record, whose own format is known to be `own`, as rules see it."""
        return self.record(value, own, file_format, None if own else self._stand_in(value, file_format))

    def report(self, violation: Violation, value: Any = None) -> list[Sketch]:
        """Return the finding for a schema violation, if its rule is selected and does not excuse it.

        A rule that is no `SchemaRule` finds the defect itself, in the real record.
        """
        rule = self.rules.get(violation.rule)
        if isinstance(rule, SchemaRule) and not rule.excuses(violation, value):
            found = rule.report(violation, value_at(value, violation.pointer))
            return [found._replace(fix=None) if found.fix is not None and rule.resists(violation, value) else found]
        if violation.rule not in self.rules_by_name:
            raise LookupError(f"a schema names the rule {violation.rule!r}, which does not exist")
        return []

    def not_an_object(self) -> list[Sketch]:
        """Return the finding for a record that is not an object; none if the rule is off."""
        return self.report(Violation((), "type", "object", None, "not-an-object"))
