"""From one record format to another: through chat messages, losing nothing that was not named."""

from jsonl_lint.convert.formats import TARGETS, source_of
from jsonl_lint.convert.pivot import LOSSES
from jsonl_lint.convert.run import Converted, Refusal, convert_file, convert_record

__all__ = ["LOSSES", "TARGETS", "Converted", "Refusal", "convert_file", "convert_record", "source_of"]
