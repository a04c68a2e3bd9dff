"""A question and its answer as two texts, under the names that other tools and datasets give them."""

from jsonl_lint.dialects.dialect import SINGLE, TO_MESSAGES, Dialect, keys_of

PAIRS_OF_TEXTS = (
    ("prompt", "completion"),
    ("prompt", "response"),
    ("prompt", "answer"),
    ("question", "answer"),
    ("query", "response"),
    ("input", "output"),
    ("question", "response"),
    ("question", "target"),
    ("question", "sql"),
    ("problem", "solution"),
    ("user", "assistant"),
    ("human", "assistant"),
    ("instruction", "completion"),
    ("instruction", "answer"),
    ("prompt", "output"),
    ("prompt", "target"),
    ("prompt", "generation"),
    ("input", "target"),
    ("inputs", "targets"),
    ("text_input", "output"),
    ("input_text", "output_text"),
    ("article", "summary"),
    ("article", "highlights"),
    ("document", "summary"),
    ("dialogue", "summary"),
)
"""The first pair that a record has is the one that counts."""

WITH_CONTEXT = ("question", "query")
"""Names of questions that may have a `context` beside them."""

DIALECTS_OF_TEXTS = (
    *(
        Dialect(
            f"{asked}/{answer}",
            keys_of(f"{asked} {answer}"),
            f"{TO_MESSAGES}{asked} as user, {answer} as assistant",
            SINGLE,
        )
        for asked, answer in PAIRS_OF_TEXTS
    ),
    *(
        Dialect(
            f"{asked}/context/{answer}",
            keys_of(f"{asked} context {answer}"),
            f"{TO_MESSAGES}{asked} and context as user, {answer} as assistant",
            SINGLE,
        )
        for asked, answer in PAIRS_OF_TEXTS
        if asked in WITH_CONTEXT
    ),
)
