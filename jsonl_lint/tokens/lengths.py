"""Measure all records of a dataset for one model, for `stats` and the HTML report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonl_lint.target import BATCH_FORMATS
from jsonl_lint.tokens.limits import Gauge, cached_by_name, cited, model_of
from jsonl_lint.tokens.measure import BESIDE, certainty, count_each, renderings
from jsonl_lint.tokens.ruler import Ruler
from jsonl_lint.tokens.shortcut import Shortcut
from jsonl_lint.wording import enumerated, excerpt


class Limit(NamedTuple):
    """A limit in tokens with which records are compared; `source` says whose it is and where it is documented."""

    tokens: int
    source: str


class Price(NamedTuple):
    """US dollars for a million tokens trained once; `source` says where that is documented, and when."""

    dollars: float
    source: str


class RecordLengths(NamedTuple):
    """The tokens of each sequence of a record; a preference pair has two.

    `how` and `why` are those of a `TokenCount`. `images` were not counted.
    """

    sequences: tuple[int, ...]
    how: str
    why: str
    images: int


class LengthMeter:
    """Measures records for the run's model, or a batch request for the model that it names.

    Raises:
        UserError: nothing installed counts with this vocabulary.
    """

    def __init__(self, ruler: Ruler) -> None:
        self.ruler = ruler
        self.run = ruler.limits
        self.gauge = self.run.counting(self.run.model or "")
        self.loaded = self.gauge.loaded()
        self.shortcut = Shortcut(self.gauge.template, self.loaded)
        self.plain = certainty(self.gauge.template, self.loaded)
        self.with_tools = certainty(self.gauge.template, self.loaded, ("tools",))
        self._gauge_of = cached_by_name(self.run.counting)

    def about(self) -> dict[str, Any]:
        """Return what the figures are for, as plain values."""
        return {
            "model": self.run.model,
            "method": self.run.method,
            "tokenizer": self.gauge.tokenizer,
            "template": self.gauge.template.name,
            "notes": list(self.notes()),
        }

    def notes(self) -> Iterator[str]:
        """Yield notes about the model, for people: it is unknown, or has been removed."""
        name = self.run.model
        if name is None:
            return
        row = self.run.registry.find(name)
        if row is None:
            near = self.ruler.use(name, "fine-tuning").near
            hint = f"did you mean {enumerated(near)}?" if near else "`jsonl-lint models` lists what is known"
            yield f"no model is known as {excerpt(name)}; {hint}"
            return
        for removal in row.removed:
            instead = f"; {removal.successor} is named instead" if removal.successor else ""
            yield f"{row.id} was taken away from {removal.service} on {removal.date} ({removal.source}){instead}"

    def lengths(self, record: Mapping[str, Any], format: str) -> RecordLengths:
        """Return the lengths of one record of a known format."""
        if format == "chat" and record.keys().isdisjoint(BESIDE):
            try:
                found = self.shortcut.length(record["messages"], record.get("tools"))
            except (KeyError, TypeError, AttributeError, ValueError, RecursionError):  # not the shape it should have
                found = None
            if found is not None:
                return RecordLengths((found.tokens,), *(self.with_tools if found.nearly else self.plain), 0)
        gauge, loaded = self.gauge, self.loaded
        if format in BATCH_FORMATS and self.run.model is None:
            gauge = self._of_request(record)
            loaded = gauge.loaded()
        counts = count_each(renderings(record, gauge.template, format), gauge.template, loaded)
        longest = max(counts, key=lambda count: count.tokens)
        return RecordLengths(tuple(count.tokens for count in counts), longest.how, longest.why, longest.images)

    def limits(self, given: Iterable[int], format: str | None) -> tuple[Limit, ...]:
        """Return the limits with which to compare a file's records: the given ones, then the model's.

        Nothing is trained on batch requests, so that only the model's window is a limit of theirs.
        """
        run = self.run
        found = [Limit(tokens, "--max-tokens") for tokens in given]
        row = run.registry.find(run.model) if run.model else None
        requests = format in BATCH_FORMATS
        if row is not None:
            of_model = (
                (None if requests else row.sft_limit, f"SFT limit, {cited(row)}"),
                (None if requests else row.dpo_limit, f"DPO limit, {cited(row)}"),
                (row.window, f"context window, {row.window_source}"),
            )
            found += [Limit(tokens, source) for tokens, source in of_model if tokens is not None]
        if run.target_limit is not None and not requests and (row is None or row.limit(run.method) is None):
            found.append(Limit(run.target_limit, f"the limit of {run.target.title} for any model"))
        return tuple(dict.fromkeys(found))

    def price(self) -> Price | None:
        """Return what training costs, None if the registry has no price."""
        row = self.run.registry.find(self.run.model) if self.run.model else None
        dollars = row.training_price.get(self.run.method) if row is not None else None
        return Price(dollars, row.price_source) if row is not None and dollars is not None else None

    def _of_request(self, record: Mapping[str, Any]) -> Gauge:
        """Return how a batch request is measured."""
        name = model_of(record)
        return self._gauge_of(name) if name else self.gauge
