"""What a single common key suggests about a record that no format explains."""

from jsonl_lint.dialects.dialect import Dialect, keys_of

WRAPPERS = ("data", "rows", "records", "examples", "requests", "instances")
"""Keys under which whole files of JSON have a list of their records."""

WEAK_DIALECTS = (
    Dialect("a preference pair without `rejected`", keys_of("chosen"), "write the other answer as `rejected`"),
    Dialect("a preference pair without `chosen`", keys_of("rejected"), "write the better answer as `chosen`"),
    Dialect("plain text", keys_of("text"), "cut the text into `messages`", by_hand="chat"),
    Dialect("plain text in `content`", keys_of("content"), "rename `content` to `text`"),
    Dialect("grader items", keys_of("item"), "it is for evaluation: take the fields of `item` apart"),
    Dialect(
        "a prompt without `completion`",
        keys_of("prompt"),
        "write each answer as `completion`; for `--method rl` write each prompt as `messages`",
        format="prompt",
        by_hand="instruction",
    ),
    Dialect("a question without `answer`", keys_of("question"), "write each answer as `answer`"),
    *(
        Dialect(f"a list of records under `{key}`", keys_of(key), f"if it is one, use `jq -c '.{key}[]' FILE > OUT`")
        for key in WRAPPERS
    ),
)
"""Known by one common key: they name a record that nothing else explains."""

RECORDS_INSIDE = tuple(
    Dialect(f"a record under `{key}`", keys_of(key), f"if it is one, use `jq -c '.{key}' FILE > OUT`")
    for key in ("data", "row", "record", "example", "sample", "json")
)
"""Known by one common key with an object, if nothing else explains the record."""
