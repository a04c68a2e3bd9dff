"""Images in records: where they are (`parts`), what their bytes show (`encoded`), a quick test (`screen`),
another type for one (`retype`), and other media (`media`)."""

from jsonl_lint.images.encoded import decoding_problem, is_measurable, normal_type
from jsonl_lint.images.media import documents, other_media, pdf_files, videos
from jsonl_lint.images.parts import (
    FORMATS,
    Content,
    contents,
    embedded,
    holding_images,
    images,
    judgeable,
    limit,
    may_have_images,
    spoken,
    trait,
)
from jsonl_lint.images.retype import is_jpeg_alias, retyped
from jsonl_lint.images.screen import SCREEN

__all__ = [
    "FORMATS",
    "SCREEN",
    "Content",
    "contents",
    "decoding_problem",
    "documents",
    "embedded",
    "holding_images",
    "images",
    "is_jpeg_alias",
    "is_measurable",
    "judgeable",
    "limit",
    "may_have_images",
    "normal_type",
    "other_media",
    "pdf_files",
    "retyped",
    "spoken",
    "trait",
    "videos",
]
