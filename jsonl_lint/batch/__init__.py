"""Batch requests: what still has to be sent after a batch that failed or stopped half-way."""

from jsonl_lint.batch.resume import Resumed, resume_batch

__all__ = ["Resumed", "resume_batch"]
