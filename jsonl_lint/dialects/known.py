"""The formats of other tools that several keys, or a telling one, identify."""

from jsonl_lint.dialects.dialect import PARQUET, SINGLE, TO_MESSAGES, Dialect, keys_of
from jsonl_lint.dialects.pairs import DIALECTS_OF_TEXTS

_PAIR = ("preference", "chosen-rejected")

MESSAGES_AS_TURNS = Dialect(
    "chat messages under `conversations`", keys_of("conversations"), "rename `conversations` to `messages`", SINGLE
)
"""Told from ShareGPT by its turns: they have `role` and `content`."""

TURNS_AS_TEXTS = Dialect(
    "turns without a speaker",
    keys_of("conversations"),
    "make each text a message of its own, with `role` and `content`, under `messages`: user and assistant in turn",
)
"""Told from ShareGPT by its turns: they are mere texts, as LIMA has them."""

TURNS_AS_PAIRS = Dialect(
    "ShareGPT with a question and its answer in each turn",
    keys_of("conversation"),
    "make each text a message of its own, with `role` and `content`, under `messages`",
    SINGLE,
)
"""Told from ShareGPT by its turns: their keys are the speakers, as ms-swift and XTuner have them."""

DIALECTS = (
    Dialect(
        "chat messages",
        keys_of("messages"),
        "keep each message's role and text, in the keys of the target's format",
        SINGLE,
    ),
    Dialect(
        "ShareGPT",
        keys_of("conversations"),
        "rename `conversations` to `messages`, `from` to `role` and `value` to `content`; "
        "human becomes user, gpt becomes assistant",
        SINGLE,
    ),
    Dialect(
        "ShareGPT",
        keys_of("conversation"),
        "rename `conversation` to `messages`, `from` to `role` and `value` to `content`",
        SINGLE,
    ),
    Dialect(
        "preference (prompt/chosen/rejected)",
        keys_of("chosen rejected"),
        "put the prompt's messages into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
        "`non_preferred_output`, each a list of one assistant message",
        _PAIR,
    ),
    *(
        Dialect(
            f"preference ({asked}/chosen/rejected)",
            keys_of(f"{asked} chosen rejected"),
            f"put `{asked}` into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
            "`non_preferred_output`, each a list of one assistant message",
            _PAIR,
        )
        for asked in ("instruction", "question")
    ),
    Dialect(
        "preference (chosen_response/rejected_response)",
        keys_of("chosen_response rejected_response"),
        "put the prompt into `input.messages`, `chosen_response` into `preferred_output` and `rejected_response` into "
        "`non_preferred_output`, each a list of one assistant message",
        _PAIR,
    ),
    Dialect(
        "preference (input/preferred_output/non_preferred_output)",
        keys_of("input preferred_output non_preferred_output"),
        "append one of the two outputs to `input.messages` and keep these as `messages`",
        _PAIR,
        by_hand="chat",
    ),
    Dialect(
        "Alpaca",
        keys_of("instruction output"),
        TO_MESSAGES + "instruction and input as user, output as assistant",
        SINGLE,
    ),
    Dialect(
        "Dolly",
        keys_of("instruction response"),
        TO_MESSAGES + "instruction and context as user, response as assistant",
        SINGLE,
    ),
    Dialect(
        "a preference pair of Gemini",
        keys_of("contents completions"),
        "make `contents` the `input.messages`, and the completions the outputs; the one scored 1 is preferred",
        _PAIR,
    ),
    Dialect(
        "Gemini",
        keys_of("contents"),
        "rename `contents` to `messages`; `parts` become `content`, model assistant",
        SINGLE,
    ),
    Dialect("Bedrock converse", keys_of("schemaVersion"), "turn each content part into plain text"),
    Dialect(
        "Bedrock converse",
        keys_of("schemaVersion messages"),
        "turn each content part into plain text",
        SINGLE,
        format="bedrock",
    ),
    Dialect(
        "Bedrock batch",
        keys_of("modelInput"),
        "move `modelInput` to `body` and `recordId` to `custom_id`",
        by_hand="batch",
    ),
    Dialect(
        "KTO",
        keys_of("prompt completion label"),
        "keep the records whose label is true, without `label`",
        format="kto",
        flag="label",
    ),
    Dialect(
        "KTO",
        keys_of("messages label"),
        "keep the records whose label is true, without `label`",
        format="kto",
        flag="label",
    ),
    *DIALECTS_OF_TEXTS,
    Dialect(
        "OpenAI evals",
        keys_of("input ideal"),
        TO_MESSAGES + "input holds them, ideal is the assistant's answer",
    ),
    *(
        Dialect("tokenised data", keys_of(keys), "tokenised data is uploaded as Parquet", by_hand=PARQUET)
        for keys in ("input_ids", "token_ids labels")
    ),
    Dialect(
        "mistral-finetune's interactions",
        keys_of("interactions"),
        "rename `interactions` to `messages`",
        by_hand="chat",
    ),
    Dialect("KTO", keys_of("conversations kto_tag"), "keep the records whose tag is true, as chat records"),
    Dialect(
        "KTO",
        keys_of("messages kto_tag"),
        "keep the records whose `kto_tag` is true, without it",
        format="kto",
        flag="kto_tag",
    ),
    Dialect("KTO", keys_of("instruction output kto_tag"), "keep the records whose `kto_tag` is true, without it"),
    Dialect(
        "preference (conversations/chosen/rejected)",
        keys_of("conversations chosen rejected"),
        "put the turns into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
        "`non_preferred_output`",
        _PAIR,
    ),
    *(
        Dialect(
            f"preference (messages/{worse})",
            keys_of(f"messages {worse}"),
            "move the last message into `preferred_output`, the rejected one into `non_preferred_output`",
            _PAIR,
        )
        for worse in ("rejected_response", "rejected_message")
    ),
    Dialect(
        "preference (chosen_messages/rejected_messages)",
        keys_of("chosen_messages rejected_messages"),
        "put what both begin with into `input.messages`, the rest into `preferred_output` and `non_preferred_output`",
    ),
    Dialect(
        "xLAM's function calls",
        keys_of("query answers tools"),
        TO_MESSAGES + "query as user, answers as `tool_calls` of the assistant; decode `tools`",
    ),
    Dialect(
        "Glaive's function calls",
        keys_of("system chat"),
        TO_MESSAGES + "cut `chat` at USER:, ASSISTANT: and FUNCTION RESPONSE:",
    ),
    Dialect("ranked answers", keys_of("prompt answers"), "keep the best and the worst answer as a preference pair"),
    Dialect("ranked answers", keys_of("prompt completions"), "keep the best and the worst answer as a preference pair"),
    Dialect(
        "ranked answers", keys_of("context completions"), "keep the best and the worst answer as a preference pair"
    ),
    Dialect("compared answers", keys_of("prompt answer1 answer2"), "make a preference pair of the two answers"),
    Dialect("stepwise supervision", keys_of("prompt completions labels"), "join the right steps into one `completion`"),
    Dialect(
        "Orca", keys_of("system_prompt question response"), TO_MESSAGES + "system_prompt, question, response", SINGLE
    ),
    Dialect("Open Assistant", keys_of("INSTRUCTION RESPONSE"), TO_MESSAGES + "INSTRUCTION as user, RESPONSE assistant"),
    Dialect("CAMEL", keys_of("message_1 message_2"), TO_MESSAGES + "message_1 as user, message_2 as assistant"),
    Dialect("self-instruct", keys_of("instruction instances"), "make a record of each item of `instances`"),
    Dialect("raw turns", keys_of("data id"), TO_MESSAGES + "the texts of `data` in turn as user and assistant"),
    Dialect("segments", keys_of("segments"), "join the segments; those with `label` true are what is learned"),
    Dialect("context/continuation", keys_of("context continuation"), "rename the keys to `prompt` and `completion`"),
    Dialect(
        "multiple choice", keys_of("query choices gold"), TO_MESSAGES + "query as user, the right choice assistant"
    ),
    Dialect(
        "question with aliases", keys_of("context answer aliases"), TO_MESSAGES + "context as user, answer assistant"
    ),
    Dialect(
        "code problems (HumanEval)", keys_of("prompt canonical_solution"), "rename `canonical_solution` to `completion`"
    ),
    Dialect(
        "verl", keys_of("data_source prompt reward_model"), "it is for reinforcement learning: `prompt` holds messages"
    ),
    Dialect(
        "a prompt for reinforcement fine-tuning",
        keys_of("messages reference_answer"),
        "`--method rl` checks it; Bedrock's target for it is bedrock-rft",
    ),
    Dialect(
        "a task of NeMo Gym",
        keys_of("responses_create_params"),
        "it is for reinforcement learning: for `--method rl` write its `input` as `messages`",
    ),
    Dialect("embedding pairs", keys_of("query positive"), "it is for embedding models: there is no answer to learn"),
    Dialect(
        "MT-bench questions", keys_of("question_id turns"), TO_MESSAGES + "each turn as user, an answer after each"
    ),
    Dialect("MT-bench answers", keys_of("question_id choices"), TO_MESSAGES + "the question, then `choices[0].turns`"),
    Dialect(
        "Bedrock evaluation", keys_of("prompt modelResponses"), "it is for evaluation; keep prompt and best answer"
    ),
    Dialect("Bedrock evaluation", keys_of("conversationTurns"), "it is for evaluation; keep each prompt and response"),
    Dialect("an API log", keys_of("choices object"), "keep the request's messages and append `choices[0].message`"),
    Dialect(
        "a batch request",
        keys_of("custom_id body"),
        "batch files are for inference: keep `body.messages`, add answers",
        by_hand="chat",
    ),
    Dialect(
        "an Anthropic batch request",
        keys_of("custom_id params"),
        "rename `params` to `body`, make `system` a message",
        by_hand="batch",
    ),
    Dialect(
        "a Gemini batch request", keys_of("key request"), "batch files are for inference: keep `request`, add answers"
    ),
    *(
        Dialect(
            "a batch result",
            keys_of(f"custom_id {result}"),
            "check the file of requests instead; `jsonl-lint batch resume INPUT RESULTS -o REST` finds those that are "
            "still to be sent",
        )
        for result in ("response", "result", "error")
    ),
    Dialect("a ChatGPT export", keys_of("mapping current_node"), TO_MESSAGES + "from `current_node` up by `parent`"),
    Dialect("a table of pandas", keys_of("columns index data"), "use `to_json(OUT, orient='records', lines=True)`"),
    Dialect("a page of a dataset viewer", keys_of("features rows"), "use `jq -c '.rows[].row' FILE > OUT`"),
    Dialect(
        "a single message",
        keys_of("role content"),
        'put the messages of a conversation into one record: {"messages": […]}',
    ),
    Dialect(
        "a single turn",
        keys_of("from value"),
        'put the turns of a conversation into one record: {"conversations": […]}',
    ),
    Dialect(
        "a request of a chat API",
        keys_of("model max_tokens messages"),
        "for a batch, put each request beside a `custom_id`; to learn from it, append the answer to `messages`",
    ),
    Dialect("a request of an API", keys_of("model input"), "for a batch, put each request beside a `custom_id`"),
)
