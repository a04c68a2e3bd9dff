"""Find tool definitions. They are the same in many records, so each distinct one is checked only once."""

import marshal
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer, value_or_none
from jsonl_lint.records.formats import PROMPTED, is_spoken
from jsonl_lint.records.record import Record, once_per_record
from jsonl_lint.records.toolshapes import GEMINI, LEGACY, OPENAI, ToolShape
from jsonl_lint.toolcalls.calls import shape_of, text_or_none
from jsonl_lint.toolcalls.geminischema import json_schema
from jsonl_lint.toolcalls.parameters import Parameters

MAX_REMEMBERED = 2_000
MAX_REMEMBERED_BYTES = 4_000_000
MOST_SHARED = 16
"""Bounds of each cache (lists of tools, tools, schemas): how many values, and bytes of their keys.

`MOST_SHARED` is that of the lists that are recognised by their identity.
"""


KEYS_OF_TOOLS = ("tools", "functions", "available_tools")
"""Keys of definitions, in whatever format."""


class Remark(NamedTuple):
    """Something to report about a definition, or a list of them. `pointer` leads from it to the place."""

    pointer: Pointer
    message: str


class _Memory:
    """A bounded cache of what is made of JSON values, by their bytes. It must depend on nothing else."""

    def __init__(self) -> None:
        self.known: dict[bytes, Any] = {}
        self.size = 0

    def find(self, value: Any, make: Callable[[Any], Any]) -> Any:
        """Return what was made of an equal value before, or else make it."""
        try:
            key = marshal.dumps(value, 2)
        except ValueError:  # a Python object that JSON does not know, or very deep nesting
            return make(value)
        found = self.known.get(key)
        if found is None:
            found = make(value)
            if len(key) > MAX_REMEMBERED_BYTES // 10:
                return found
            if len(self.known) >= MAX_REMEMBERED or self.size > MAX_REMEMBERED_BYTES:
                self.known.clear()
                self.size = 0
            self.known[key] = found
            self.size += len(key)
        return found


class _Memories(NamedTuple):
    """The caches for tools of one shape."""

    lists: _Memory
    single: _Memory


_known: dict[str, _Memories] = {}
"""By `ToolShape.example`, which differs between shapes."""

_schemas = _Memory()


class _Remarked:
    """What rules' checks say, each asked once."""

    def __init__(self) -> None:
        self._remarks: dict[Callable[[Any], Iterable[Remark]], tuple[Remark, ...]] = {}

    def remarks(self, check: Callable[[Any], Iterable[Remark]]) -> tuple[Remark, ...]:
        """Return what a check says about this."""
        found = self._remarks.get(check)
        if found is None:
            found = self._remarks[check] = tuple(check(self))
        return found


class Definition(_Remarked):
    """The definition of a tool.

    `function` is the object with its name, None if it is not an object. `name` is None unless it is a string that is
    not empty. `described`: it has a schema for its arguments, to which `parameters_at` leads from the definition, and
    `parameters` is that schema. `stray`: it stands where lists of definitions should.
    """

    def __init__(self, value: Any, shape: ToolShape = OPENAI, *, stray: bool = False) -> None:
        super().__init__()
        self.value = value
        self.shape = shape
        self.stray = stray
        self._asked = 0
        self.parameters_at = (*shape.function, *shape.schema)
        function = value_or_none(value, shape.function)
        self.function = function if isinstance(function, dict) else None
        self.name = text_or_none(self.function.get("name")) if self.function else None
        holder = value_or_none(self.function, shape.schema[:-1])
        self.described = isinstance(holder, dict) and shape.schema[-1] in holder
        schema = value_or_none(self.function, shape.schema) if self.described else None
        if shape is GEMINI:
            schema = json_schema(schema)
        self.parameters = _schemas.find(schema, Parameters) if self.described else None

    @property
    def flawless(self) -> bool:
        """Whether it has a name, and no check that is registered so far has anything to say about it."""
        asked = self._asked  # threads share definitions, and none may skip a check because another one has made it
        while asked < len(_checks) and not self.remarks(_checks[asked]):
            asked += 1
        self._asked = asked
        return self.name is not None and asked == len(_checks)


class Definitions(_Remarked):
    """The definitions in a list of tools, each with its place in the list."""

    def __init__(self, placed: tuple[tuple[Pointer, Definition], ...]) -> None:
        super().__init__()
        self.placed = placed
        self.by_name: dict[str, Definition] = {}
        for _, item in placed:
            if item.name is not None:
                self.by_name.setdefault(item.name, item)
        self.named = bool(placed) and all(item.name is not None for _, item in placed)
        self._passed = -1
        """How many checks there were when none had anything to say about them, -1 before that."""

    @property
    def flawless(self) -> bool:
        """Whether there are some, all flawless and of different names, so that no check has anything to say."""
        if not self.placed or len(self.by_name) < len(self.placed):
            return False
        checks = len(_checks)  # rules are loaded late, and register theirs then
        if self._passed < checks and all([definition.flawless for _, definition in self.placed]):
            self._passed = checks
        return self._passed == checks


NO_DEFINITIONS = Definitions(())

DefinitionCheck = Callable[[Definition], Iterable[Remark]]
"""A rule's check of one definition."""

ListCheck = Callable[[Definitions], Iterable[Remark]]
"""A rule's check of definitions: of each by itself, or of those with the same name."""

_checks: list[DefinitionCheck] = []


def about_each_definition(check: DefinitionCheck) -> ListCheck:
    """Register a rule's check of single definitions, so that they are `flawless` only if it has nothing to say.

    Used as a decorator. Returns the check of several.
    """
    _checks.append(check)

    def of_all(definitions: Definitions) -> Iterator[Remark]:
        for place, definition in definitions.placed:
            for remark in definition.remarks(check):
                yield Remark((*place, *remark.pointer), remark.message)

    return of_all


_by_identity: dict[tuple[int, str], tuple[list[Any], Definitions]] = {}
"""For lists that records share, by the list's `id`. The list is kept, so that no other list can get the same one."""


def define(tools: list[Any], shape: ToolShape = OPENAI) -> Definitions:
    """Return the definitions in a list of tools. Records share the result, so it must not be changed."""
    known = _by_identity.get((id(tools), shape.example))
    if known is None:
        memories = _known.setdefault(shape.example, _Memories(_Memory(), _Memory()))

        def make_one(item: tuple[Any, bool]) -> Definition:
            return Definition(item[0], shape, stray=item[1])

        def make(items: list[Any]) -> Definitions:
            found = [(at, (item, bool(shape.listed) and len(at) == 1)) for at, item in _located(items, shape)]
            return Definitions(tuple([(at, memories.single.find(item, make_one)) for at, item in found]))

        known = tools, memories.lists.find(tools, make)
        if len(_by_identity) >= MOST_SHARED:
            _by_identity.clear()
        _by_identity[id(tools), shape.example] = known
    return known[1]


def _located(tools: list[Any], shape: ToolShape) -> Iterator[tuple[Pointer, Any]]:
    """Yield each definition with its place, except for tools that the provider defines itself."""
    for index, item in enumerate(tools):
        if isinstance(item, dict) and _is_built_in(item, shape):
            continue
        key = next((key for key in shape.listed if isinstance(item, dict) and key in item), None)
        if key is not None and isinstance(item[key], list):
            yield from (((index, key, inner), each) for inner, each in enumerate(item[key]))
        else:
            yield (index,), item


def _is_built_in(item: dict[str, Any], shape: ToolShape) -> bool:
    """Whether the provider defines the tool itself, as with a web search."""
    if shape.listed:
        return not any(key in item for key in (*shape.listed, "function", "name"))
    return shape.typed and item.get("type", "custom") not in ("custom", "function")


@once_per_record
def definitions(record: Record) -> Definitions:
    """Return the record's definitions; there are none if its tools are not an array."""
    _, tools, shape = placed_tools(record)
    return define(tools, shape) if isinstance(tools, list) else NO_DEFINITIONS


@once_per_record
def placed_tools(record: Record) -> tuple[Pointer, Any, ToolShape]:
    """Return where a record's definitions are, and what is there in which shape: `tools`, or else `functions`."""
    tools, shape = record.tools, shape_of(record)
    if tools is None and shape is OPENAI and record.tools_at and _converses(record):
        older = (*record.tools_at[:-1], "functions")
        functions = record.at(older)
        if functions is not None:
            return older, functions, LEGACY
    return record.tools_at, tools, shape


def _converses(record: Record) -> bool:
    """Whether there is a conversation, in which calls may stand."""
    return is_spoken(record.value) if record.format in PROMPTED else record.conversation is not None


def remarks(record: Record, check: ListCheck) -> Iterable[Remark]:
    """Return what a rule's check says about the record's definitions, with pointers from the record."""
    found = definitions(record).remarks(check)
    if not found:
        return ()
    place = placed_tools(record)[0]
    return [remark._replace(pointer=(*place, *remark.pointer)) for remark in found]


def defines_tools(record: Record) -> bool:
    """Whether there are definitions to check. Also works for an abstract record."""
    tools = placed_tools(record)[1]
    return isinstance(tools, list) and bool(tools)


def other_definitions(record: Record) -> Iterator[tuple[Pointer, Any]]:
    """Yield, with its place, what defines tools besides `definitions`. Also works for an abstract record.

    These are the tools that the provider defines itself, `functions` beside tools, the tools of single messages and of
    requests for other endpoints than chat, and tools in a place or of a type that the format does not know.
    """
    known, found, shape = placed_tools(record)
    tools = found if isinstance(found, list) else None
    for index, item in enumerate(tools or ()):
        if isinstance(item, dict) and _is_built_in(item, shape):
            yield (*known, index), item
    for holder in dict.fromkeys(((), record.tools_at[:-1])):
        for key in KEYS_OF_TOOLS:
            place = (*holder, key)
            value = record.at(place) if tools is None or place != known else None
            if value is not None:
                yield place, value
    for message in record.messages:
        if "tools" in message.value:
            yield (*message.pointer, "tools"), message.value["tools"]
