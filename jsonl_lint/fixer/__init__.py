"""Fixing: edits are chosen, applied, checked, and only then kept. All other bytes stay as they are.

Modules in the order in which data passes through them:

- `run` opens the files and moves the results into place. `file` turns any kind of file into lines, through `views`, and
  `array` the items of one that is an array; both work on a `job`. `rehearsal` settles beforehand what may be fixed.
- `lines` has lines judged in `chunks`, copies the clean ones, and deletes blank ones; `records` repairs the others one
  by one. `mend` makes a `choice` of those fixes of a record that have `permission`, and asks the `judge` what comes of
  them, unless that is `hopeless`. The result is a `patch`.
- `writer` takes what has been repaired. It follows `keys`, `repeats`, `lineends`, and whether a record is `cutoff`; and
  it counts everything in a `tally`.
- `sinks` write the output, the rejects and the log of changes; `diff` is one more sink. `undo` restores the original.
"""
