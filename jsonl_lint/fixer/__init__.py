"""Fixing: edits are chosen, applied, checked, and only then kept. All other bytes stay as they are.

- `run` opens the files and moves the results into place; `file` handles the different kinds of files (with `views` and
  `rehearsal`).
- `lines` judges lines in `chunks` and copies the clean ones; `records` handles the others one by one, and `mend`
  repairs each of them (as a `patch`). `keys` and `repeats` remember what has been written, and `tally` counts it.
- `sinks` write the output, the rejects and the log of changes (`appended`); `diff` is one more sink.
- `undo` restores the original.
"""
