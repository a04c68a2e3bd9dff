"""JL409."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule


class TooManyImages(ImageRule):
    """A record has more images, videos or PDF files than the target takes.

    Together takes ten images, whatever the messages that hold them. Nova takes one video, and one of images, videos
    and documents. Gemini takes four PDF files.
    """

    code = "JL409"
    name = "too-many-images"
    severity = Severity.ERROR
    help = "Leave some images out, or split the record."

    def concerns(self, record: Record) -> bool:
        """Whether there are images, videos, documents or PDF files."""
        others = images.videos(record) or images.documents(record) or images.pdf_files(record)
        return super().concerns(record) or bool(others)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the first image too many, or the first video or file."""
        pictures = [image.pointer for image in images.images(record)]
        videos = [pointer for pointer, _ in images.videos(record)]
        files = images.pdf_files(record)
        for name, found, what in (
            ("max_images", pictures, "images"),
            ("max_videos", videos, "videos"),
            ("max_pdf_files", files, "PDF files"),
        ):
            limit = images.limit(record, name)
            if limit is not None and len(found) > limit:
                words = f"the record has {len(found):,} {what}; the target takes at most {limit:,}"
                yield self.sketch(found[limit], words, "" if found is pictures else _HELP)
        if images.trait(record, "images_beside_videos") is False:
            yield from self._mixed(record, pictures, videos)

    def _mixed(self, record: Record, pictures: list[Pointer], videos: list[Pointer]) -> Iterator[Sketch]:
        """Yield the first video beside images, and the first document beside either."""
        documents = [pointer for pointer, _ in images.documents(record)]
        for what, found, other, others in (
            ("video", videos, "images", pictures),
            ("document", documents, "images", pictures),
            ("document", documents, "a video", () if pictures else videos),
        ):
            if found and others:
                words = f"the record has a {what} beside {other}; the target takes either"
                yield self.sketch(found[0], words, _HELP)


_HELP = "Leave some out, or split the record."
