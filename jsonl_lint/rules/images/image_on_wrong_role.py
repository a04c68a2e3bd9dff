"""JL402."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule


class ImageOnWrongRole(ImageRule):
    """An image is in a message that must not hold one.

    Models look at images and do not answer with them: only the roles that the target names may have images, most often
    the user alone. The completion of an instruction counts as the assistant's.
    """

    code = "JL402"
    name = "image-on-wrong-role"
    severity = Severity.ERROR
    help = "Move the image to a user message."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Reported at each image; silent where the target does not say."""
        roles = images.trait(record, "image_roles")
        for image in images.images(record) if roles is not None else ():
            if image.meaning is not None and image.meaning not in roles:
                who = f"a {image.meaning} message" if image.meaning != "assistant" else "an assistant message"
                yield self.sketch(image.pointer, f"{who} holds an image; only {' and '.join(roles)} messages may")
