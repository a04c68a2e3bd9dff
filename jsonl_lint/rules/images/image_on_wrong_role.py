"""JL402."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule
from jsonl_lint.wording import enumerated


class ImageOnWrongRole(ImageRule):
    """An image is in a message that must not hold one.

    Models look at images and do not answer with them: only the roles that the target names may have images, most often
    the user alone. The completion of an instruction counts as the assistant's. Videos and documents of Bedrock are
    judged like images.
    """

    code = "JL402"
    name = "image-on-wrong-role"
    severity = Severity.ERROR
    help = "Move the image to a user message."

    def concerns(self, record: Record) -> bool:
        """Whether there are images, videos or documents."""
        return super().concerns(record) or bool(images.videos(record) or images.documents(record))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image in a message of another role than the target allows, if it says so."""
        roles = images.trait(record, "image_roles")
        if roles is None:
            return
        pictures = [(image.pointer, image.meaning, "an image") for image in images.images(record)]
        videos = [(pointer, meaning, "a video") for pointer, meaning in images.videos(record)]
        documents = [(pointer, meaning, "a document") for pointer, meaning in images.documents(record)]
        for pointer, meaning, what in (*pictures, *videos, *documents):
            if meaning is not None and meaning not in roles:
                who = f"a {meaning} message" if meaning != "assistant" else "an assistant message"
                yield self.sketch(pointer, f"{who} holds {what}; only {enumerated(roles, 'and')} messages may")
