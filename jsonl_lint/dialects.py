"""The record formats of other tools: recognised by their keys, and how to convert them."""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple


class Dialect(NamedTuple):
    """A format of other tools, known by `keys`, and how its records become chat records.

    `convertible` names the formats that `jsonl-lint convert` makes of it, the best first. `format` is the record format
    that it is, if it is one. The value of `flag`, one of its keys, is true or false.
    """

    name: str
    keys: frozenset[str]
    conversion: str
    convertible: tuple[str, ...] = ()
    format: str = ""
    flag: str = ""

    def advice(self, accepted: Collection[str]) -> str:
        """How its records become ones of an accepted format: with the command if there is one, and by hand."""
        to = next((name for name in self.convertible if name in accepted), None)
        how = f"convert it with `jsonl-lint convert FILE --to {to} -o OUT`: " if to else ""
        return f"{how}{self.conversion}."


def _keys(names: str) -> frozenset[str]:
    return frozenset(names.split())


_SINGLE = ("chat", "gemini", "bedrock", "sharegpt", "alpaca")
_PAIR = ("preference", "chosen-rejected")

MESSAGES_AS_TURNS = Dialect(
    "chat messages under `conversations`", _keys("conversations"), "rename `conversations` to `messages`", _SINGLE
)
"""Told from ShareGPT by its turns: they have `role` and `content`."""

TURNS_AS_PAIRS = Dialect(
    "ShareGPT with a question and its answer in each turn",
    _keys("conversation"),
    "make each text a message of its own, with `role` and `content`, under `messages`",
    _SINGLE,
)
"""Told from ShareGPT by its turns: their keys are the speakers, as ms-swift and XTuner have them."""

_TO_MESSAGES = "give each record a `messages` array of `role` and `content`: "

DIALECTS = (
    Dialect(
        "chat messages",
        _keys("messages"),
        "keep each message's role and text, in the keys of the target's format",
        _SINGLE,
    ),
    Dialect(
        "ShareGPT",
        _keys("conversations"),
        "rename `conversations` to `messages`, `from` to `role` and `value` to `content`; "
        "human becomes user, gpt becomes assistant",
        _SINGLE,
    ),
    Dialect(
        "ShareGPT",
        _keys("conversation"),
        "rename `conversation` to `messages`, `from` to `role` and `value` to `content`",
        _SINGLE,
    ),
    Dialect(
        "preference (prompt/chosen/rejected)",
        _keys("chosen rejected"),
        "put the prompt's messages into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
        "`non_preferred_output`, each a list of one assistant message",
        _PAIR,
    ),
    *(
        Dialect(
            f"preference ({asked}/chosen/rejected)",
            _keys(f"{asked} chosen rejected"),
            f"put `{asked}` into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
            "`non_preferred_output`, each a list of one assistant message",
            _PAIR,
        )
        for asked in ("instruction", "question")
    ),
    Dialect(
        "preference (chosen_response/rejected_response)",
        _keys("chosen_response rejected_response"),
        "put the prompt into `input.messages`, `chosen_response` into `preferred_output` and `rejected_response` into "
        "`non_preferred_output`, each a list of one assistant message",
        _PAIR,
    ),
    Dialect(
        "preference (input/preferred_output/non_preferred_output)",
        _keys("input preferred_output non_preferred_output"),
        "append one of the two outputs to `input.messages` and keep these as `messages`",
        _PAIR,
    ),
    Dialect(
        "Alpaca",
        _keys("instruction output"),
        _TO_MESSAGES + "instruction and input as user, output as assistant",
        _SINGLE,
    ),
    Dialect(
        "Dolly",
        _keys("instruction response"),
        _TO_MESSAGES + "instruction and context as user, response as assistant",
        _SINGLE,
    ),
    Dialect(
        "a preference pair of Gemini",
        _keys("contents completions"),
        "make `contents` the `input.messages`, and the completions the outputs; the one scored 1 is preferred",
        _PAIR,
    ),
    Dialect(
        "Gemini",
        _keys("contents"),
        "rename `contents` to `messages`; `parts` become `content`, model assistant",
        _SINGLE,
    ),
    Dialect("Bedrock converse", _keys("schemaVersion"), "turn each content part into plain text"),
    Dialect(
        "Bedrock converse",
        _keys("schemaVersion messages"),
        "turn each content part into plain text",
        _SINGLE,
        format="bedrock",
    ),
    Dialect("Bedrock batch", _keys("modelInput"), "move `modelInput` to `body` and `recordId` to `custom_id`"),
    Dialect(
        "KTO",
        _keys("prompt completion label"),
        "keep the desirable answers as `prompt` and `completion`",
        format="kto",
        flag="label",
    ),
    Dialect(
        "KTO",
        _keys("messages label"),
        "keep the records whose label is true, without `label`",
        format="kto",
        flag="label",
    ),
    Dialect(
        "prompt and completion",
        _keys("prompt completion"),
        _TO_MESSAGES + "prompt as user, completion as assistant",
        _SINGLE,
    ),
    Dialect(
        "question/answer", _keys("question answer"), _TO_MESSAGES + "question as user, answer as assistant", _SINGLE
    ),
    *(
        Dialect(
            f"{asked}/context/{answer}",
            _keys(f"{asked} context {answer}"),
            _TO_MESSAGES + f"{asked} and context as user, {answer} as assistant",
            _SINGLE,
        )
        for asked, answer in (("question", "answer"), ("query", "response"))
    ),
    Dialect("query/response", _keys("query response"), _TO_MESSAGES + "query as user, response as assistant", _SINGLE),
    Dialect("prompt/response", _keys("prompt response"), "rename `response` to `completion`", _SINGLE),
    Dialect("prompt/answer", _keys("prompt answer"), "rename `answer` to `completion`", _SINGLE),
    Dialect("input/output", _keys("input output"), "rename `input` to `prompt` and `output` to `completion`", _SINGLE),
    Dialect(
        "OpenAI evals",
        _keys("input ideal"),
        _TO_MESSAGES + "input holds them, ideal is the assistant's answer",
    ),
    Dialect("tokenised", _keys("input_ids"), "tokenised data is uploaded as Parquet"),
    Dialect("tokenised", _keys("token_ids labels"), "tokenised data is uploaded as Parquet"),
    Dialect("mistral-finetune's interactions", _keys("interactions"), "rename `interactions` to `messages`"),
    Dialect("KTO", _keys("conversations kto_tag"), "keep the records whose tag is true, as chat records"),
    Dialect(
        "KTO",
        _keys("messages kto_tag"),
        "keep the records whose `kto_tag` is true, without it",
        format="kto",
        flag="kto_tag",
    ),
    Dialect("KTO", _keys("instruction output kto_tag"), "keep the records whose `kto_tag` is true, without it"),
    Dialect(
        "preference (conversations/chosen/rejected)",
        _keys("conversations chosen rejected"),
        "put the turns into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
        "`non_preferred_output`",
        _PAIR,
    ),
    *(
        Dialect(
            f"preference (messages/{worse})",
            _keys(f"messages {worse}"),
            "move the last message into `preferred_output`, the rejected one into `non_preferred_output`",
            _PAIR,
        )
        for worse in ("rejected_response", "rejected_message")
    ),
    Dialect(
        "preference (chosen_messages/rejected_messages)",
        _keys("chosen_messages rejected_messages"),
        "put what both begin with into `input.messages`, the rest into `preferred_output` and `non_preferred_output`",
    ),
    Dialect(
        "xLAM's function calls",
        _keys("query answers tools"),
        _TO_MESSAGES + "query as user, answers as `tool_calls` of the assistant; decode `tools`",
    ),
    Dialect(
        "Glaive's function calls",
        _keys("system chat"),
        _TO_MESSAGES + "cut `chat` at USER:, ASSISTANT: and FUNCTION RESPONSE:",
    ),
    Dialect("ranked answers", _keys("prompt answers"), "keep the best and the worst answer as a preference pair"),
    Dialect("ranked answers", _keys("prompt completions"), "keep the best and the worst answer as a preference pair"),
    Dialect("ranked answers", _keys("context completions"), "keep the best and the worst answer as a preference pair"),
    Dialect("compared answers", _keys("prompt answer1 answer2"), "make a preference pair of the two answers"),
    Dialect("stepwise supervision", _keys("prompt completions labels"), "join the right steps into one `completion`"),
    Dialect("Orca", _keys("system_prompt question response"), _TO_MESSAGES + "system_prompt, question, response"),
    Dialect("Open Assistant", _keys("INSTRUCTION RESPONSE"), _TO_MESSAGES + "INSTRUCTION as user, RESPONSE assistant"),
    Dialect("Metharme", _keys("prompt generation"), "rename `generation` to `completion`"),
    Dialect("summaries", _keys("article summary"), "rename `article` to `prompt` and `summary` to `completion`"),
    Dialect("CAMEL", _keys("message_1 message_2"), _TO_MESSAGES + "message_1 as user, message_2 as assistant"),
    Dialect("self-instruct", _keys("instruction instances"), "make a record of each item of `instances`"),
    Dialect("raw turns", _keys("data id"), _TO_MESSAGES + "the texts of `data` in turn as user and assistant"),
    Dialect("segments", _keys("segments"), "join the segments; those with `label` true are what is learned"),
    Dialect("question/target", _keys("question target"), _TO_MESSAGES + "question as user, target as assistant"),
    Dialect("question/SQL", _keys("question sql"), _TO_MESSAGES + "question as user, sql as assistant"),
    Dialect("problem/solution", _keys("problem solution"), _TO_MESSAGES + "problem as user, solution as assistant"),
    Dialect("context/continuation", _keys("context continuation"), "rename the keys to `prompt` and `completion`"),
    Dialect("multiple choice", _keys("query choices gold"), _TO_MESSAGES + "query as user, the right choice assistant"),
    Dialect(
        "question with aliases", _keys("context answer aliases"), _TO_MESSAGES + "context as user, answer assistant"
    ),
    Dialect(
        "code problems (HumanEval)", _keys("prompt canonical_solution"), "rename `canonical_solution` to `completion`"
    ),
    Dialect(
        "verl", _keys("data_source prompt reward_model"), "it is for reinforcement learning: `prompt` holds messages"
    ),
    Dialect(
        "a prompt for reinforcement fine-tuning",
        _keys("messages reference_answer"),
        "`--method rl` checks it; Bedrock's target for it is bedrock-rft",
    ),
    Dialect(
        "a task of NeMo Gym",
        _keys("responses_create_params"),
        "it is for reinforcement learning: for `--method rl` write its `input` as `messages`",
    ),
    Dialect("embedding pairs", _keys("query positive"), "it is for embedding models: there is no answer to learn"),
    Dialect("MT-bench questions", _keys("question_id turns"), _TO_MESSAGES + "each turn as user, an answer after each"),
    Dialect("MT-bench answers", _keys("question_id choices"), _TO_MESSAGES + "the question, then `choices[0].turns`"),
    Dialect("Bedrock evaluation", _keys("prompt modelResponses"), "it is for evaluation; keep prompt and best answer"),
    Dialect("Bedrock evaluation", _keys("conversationTurns"), "it is for evaluation; keep each prompt and response"),
    Dialect("an API log", _keys("choices object"), "keep the request's messages and append `choices[0].message`"),
    Dialect(
        "a batch request", _keys("custom_id body"), "batch files are for inference: keep `body.messages`, add answers"
    ),
    Dialect(
        "an Anthropic batch request", _keys("custom_id params"), "rename `params` to `body`, make `system` a message"
    ),
    Dialect(
        "a Gemini batch request", _keys("key request"), "batch files are for inference: keep `request`, add answers"
    ),
    *(
        Dialect(
            "a batch result",
            _keys(f"custom_id {result}"),
            "check the file of requests instead; `jsonl-lint batch resume INPUT RESULTS -o REST` finds those that are "
            "still to be sent",
        )
        for result in ("response", "result", "error")
    ),
    Dialect("a ChatGPT export", _keys("mapping current_node"), _TO_MESSAGES + "from `current_node` up by `parent`"),
    Dialect("a table of pandas", _keys("columns index data"), "use `to_json(OUT, orient='records', lines=True)`"),
    Dialect("a page of a dataset viewer", _keys("features rows"), "use `jq -c '.rows[].row' FILE > OUT`"),
    Dialect("user/assistant", _keys("user assistant"), _TO_MESSAGES + "one for each of these keys, which is its role"),
    Dialect("inputs/targets", _keys("inputs targets"), "rename `inputs` to `prompt` and `targets` to `completion`"),
    Dialect(
        "a single message",
        _keys("role content"),
        'put the messages of a conversation into one record: {"messages": […]}',
    ),
    Dialect(
        "a single turn", _keys("from value"), 'put the turns of a conversation into one record: {"conversations": […]}'
    ),
    Dialect(
        "a request of a chat API",
        _keys("model max_tokens messages"),
        "for a batch, put each request beside a `custom_id`; to learn from it, append the answer to `messages`",
    ),
    Dialect("a request of an API", _keys("model input"), "for a batch, put each request beside a `custom_id`"),
)

WRAPPERS = ("data", "rows", "records", "examples", "requests", "instances")
"""Keys under which whole files of JSON have a list of their records."""

WEAK_DIALECTS = (
    Dialect("a preference pair without `rejected`", _keys("chosen"), "write the other answer as `rejected`"),
    Dialect("a preference pair without `chosen`", _keys("rejected"), "write the better answer as `chosen`"),
    Dialect("plain text", _keys("text"), "cut the text into `messages`"),
    Dialect("plain text in `content`", _keys("content"), "rename `content` to `text`"),
    Dialect("grader items", _keys("item"), "it is for evaluation: take the fields of `item` apart"),
    Dialect(
        "a prompt without `completion`",
        _keys("prompt"),
        "write each answer as `completion`; for `--method rl` write each prompt as `messages`",
        format="prompt",
    ),
    Dialect("a question without `answer`", _keys("question"), "write each answer as `answer`"),
    *(
        Dialect(f"a list of records under `{key}`", _keys(key), f"if it is one, use `jq -c '.{key}[]' FILE > OUT`")
        for key in WRAPPERS
    ),
)
"""Known by one common key: they name a record that nothing else explains."""


def dialect_of(keys: Collection[str], *, weak: bool = False) -> Dialect | None:
    """The dialect that a record with these root keys resembles most: the one with most keys in common.

    `weak` allows those that a single common key tells.
    """
    return _dialect_of(_TELLING.intersection(keys), weak)


_TELLING = frozenset().union(*(dialect.keys for dialect in (*DIALECTS, *WEAK_DIALECTS)))


@lru_cache(maxsize=1000)
def _dialect_of(keys: frozenset[str], weak: bool) -> Dialect | None:
    found = [dialect for dialect in DIALECTS if dialect.keys.issubset(keys)]
    if weak and not found:
        found = [dialect for dialect in WEAK_DIALECTS if dialect.keys.issubset(keys)]
    return max(found, key=lambda dialect: len(dialect.keys), default=None)
