"""Convert records from one format to another by way of chat messages, without losses that are not allowed."""

from jsonl_lint.convert.formats import TARGETS, source_of
from jsonl_lint.convert.pivot import LOSSES
from jsonl_lint.convert.run import Converted, Refusal, convert_file, convert_record

__all__ = ["LOSSES", "TARGETS", "Converted", "Refusal", "convert_file", "convert_record", "source_of"]
