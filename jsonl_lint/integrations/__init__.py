"""Checks inside a data pipeline: one module per kind of data, each with the same three functions.

`with_findings` adds the findings of each record, `only_valid` keeps the records without an error, `metrics` counts.
`rows` takes any iterable; `pandas`, `polars` and `pyarrow` take their tables; `datasets` and `ray` take datasets of
Hugging Face and of Ray.

Each record is checked by itself: rules about whole files, and those that compare records, run only in `check_file`. In
a table, a key that a record lacks is a null. So nulls are treated as missing keys; `without_nulls` drops them.
"""
