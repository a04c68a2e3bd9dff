"""The length of a record in tokens. Nothing here uses the network.

- Texts: `vocabulary` defines the vocabularies, `counters` wraps the libraries that count with them, and `controls` has
  the control tokens that these lack. `pieces` splits a huge text, and `bounds` has bounds that need no counting.
- Records: `templates`, `conversation` and `toolparts` render a record as its chat template does, `requests` does the
  same for batch requests other than chat, and `measure` counts the result. `shortcut` and `frames` are faster for
  plain messages, and `layout` does not even need the parsed record.
- Models: `models` is the registry, `modelfile` reads it, and `importing` converts a provider's answer to one.
- Runs: `limits` determines the limit, `ruler` compares records with it, `overruns` describes records that exceed it,
  `uses` has what is known about the model, and `lengths` measures all records of a dataset.
"""
