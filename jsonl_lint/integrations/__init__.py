"""The check inside a pipeline: one module for each kind of data, each with the same three calls.

`with_findings` adds what is wrong with each record, `only_valid` keeps the records without an error, `metrics` counts.
`rows` takes any iterable; `pandas`, `polars` and `pyarrow` take their tables; `datasets` and `ray` take datasets of
Hugging Face and of Ray.

Each record is checked by itself: rules about whole files, and those that compare records, belong to `check_file`.
In a table a key that a record lacks is a null. So nulls are taken for missing keys; `without_nulls` makes such records.
"""
