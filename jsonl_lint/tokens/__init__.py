"""How long a record is for a model. Nothing here uses the network.

- A text: `vocabulary` names what counts it, `engines` are the libraries that do, `controls` the control tokens that
  they lack. `pieces` cuts a huge one, and `bounds` says what is certain without counting.
- A record: `templates`, `conversation` and `toolparts` say what a chat template makes of it, `requests` what a request
  that is no chat holds, and `measure` how long that is. `shortcut` and `frames` find the same sooner where messages
  are plain, `layout` without reading the record again.
- A model: `models` is the registry, `modelfile` reads it, `importing` makes one of a provider's answer.
- A run: `limits` says which limit holds, `ruler` whether a record keeps it, `overruns` what becomes of one that does
  not, `uses` what is known of the model, and `lengths` how long all records of a dataset are.
"""
