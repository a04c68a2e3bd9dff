"""Fixing: edits are chosen, tried, checked again and only then kept. All other bytes stay as they are.

- `run` opens the files and puts them in place; `file` knows what kind of file it is (`views`, `rehearsal`).
- `lines` takes lines (`chunks`) and passes on clean ones; `records` takes the others one by one, and `mend` repairs
  each (`patch`). `keys` and `repeats` know what has been written, `tally` counts it.
- `sinks` are where all goes: the output, the rejects, the log of changes (`appended`); `diff` is one more. `undo`
  takes it back.
"""
