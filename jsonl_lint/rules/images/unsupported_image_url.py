"""JL403."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule
from jsonl_lint.wording import enumerated, excerpt


class UnsupportedImageUrl(ImageRule):
    """The URL of an image is of a kind that the target does not take.

    Together takes images inside the record only, as `data:image/jpeg;base64,…`; others also fetch https addresses, or
    read their own storage. A data URL must say its type and `;base64`, and nothing else. Videos, documents and other
    files of Bedrock and Gemini are read from the same places.
    """

    code = "JL403"
    name = "unsupported-image-url"
    severity = Severity.ERROR
    help = "Put the image into the record: data:image/jpeg;base64, and the base64 of its bytes."

    def concerns(self, record: Record) -> bool:
        """Whether there may be images or other media. Any file of Gemini counts as an image until its type is seen."""
        return super().concerns(record) or bool(images.videos(record) or images.documents(record))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image whose address has a scheme, or a form of a data URL, that the target does not take."""
        sources = images.trait(record, "image_sources")
        pictures = [("image", image) for image in images.images(record)]
        for what, image in (*pictures, *images.other_media(record)):
            if not image.url and image.raw is None:
                continue
            if sources is not None and image.scheme not in sources:
                scheme = excerpt(image.scheme, 20)[1:-1]
                named = f"a URL of {scheme}:" if scheme else "a text that is not a URL"
                named = "base64 in the record" if image.raw is not None else named
                message = f"the {what} is given as {named}; the target takes {_listed(sources)}"
                stored = f"Store the {what} where the target reads it, and give its address: {_listed(sources)}."
                yield self.sketch(image.url_pointer, message, self.help if "data" in sources else stored)
            elif image.scheme == "data" and image.data is None and image.named_type is None:
                yield self.sketch(image.url_pointer, "the data URL does not begin like data:image/jpeg;base64,")


def _listed(sources: list[str]) -> str:
    return f"{enumerated([f'{source}:' for source in sources])} URLs"
