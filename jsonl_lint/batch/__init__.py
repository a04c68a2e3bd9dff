"""Batch requests: find out which still have to be sent after a batch failed or stopped half-way."""

from jsonl_lint.batch.resume import Resumed, resume_batch

__all__ = ["Resumed", "resume_batch"]
