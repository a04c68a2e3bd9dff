"""Determine whether a record is longer than its limit.

The cheapest methods are tried first: the bytes of the line, the bytes of the texts, a lower bound if only the number of
findings matters, and finally the exact count.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from jsonl_lint.target import BATCH_FORMATS
from jsonl_lint.tokens.bounds import line_with_tools_at_most, longest_sure_line
from jsonl_lint.tokens.limits import ENDLESS, Gauge, Limits, body_of, cached_by_name, model_of, reserve_of
from jsonl_lint.tokens.measure import (
    BESIDE,
    TokenCount,
    count_longest,
    lower_bound,
    measure,
    renderings,
    upper_bound,
)
from jsonl_lint.tokens.shortcut import Shortcut
from jsonl_lint.tokens.uses import SERVICES, ModelUse, use_of

if TYPE_CHECKING:
    from jsonl_lint.tokens.overruns import Overrun


class Ruler:
    """Measures the records of one run. Nothing is loaded before it is needed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._uses = {service: cached_by_name(partial(use_of, service=service, limits=limits)) for service in SERVICES}

    def use(self, name: str, service: str) -> ModelUse:
        """Return what is known about the model that a run or request names."""
        return self._uses[service](name)

    @cached_property
    def sure_bytes(self) -> int:
        """The bytes up to which a line of plain texts certainly fits."""
        return _sure_bytes(self.limits.trained)

    def sure_bytes_for(self, format: str | None, *, tools: bool, images: bool) -> int:
        """Return the bytes up to which a line of this format certainly fits; -1 if each record must be examined."""
        if format in BATCH_FORMATS:
            return -1
        if self.limits.trained is None:
            return ENDLESS
        return -1 if images or tools else self.sure_bytes

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether a chat record certainly fits, counting it if necessary. False if only `overrun` can tell."""
        if self._trained_shortcut is None:
            return True
        if len(record) > 1 and not record.keys().isdisjoint(BESIDE):
            return False
        limit, shortcut = self._trained_shortcut
        try:
            return shortcut.fits(limit, record["messages"], record.get("tools"))
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError):  # not the shape that it should have
            return False

    def texts_fit(self, roles: tuple[str, ...], texts: list[str], calls: list[str], tools: Any) -> bool | None:
        """Whether messages of only these roles, texts and calls certainly fit; None if `fits` has to see them."""
        if self._trained_shortcut is None:
            return True
        limit, shortcut = self._trained_shortcut
        return shortcut.texts_fit(limit, roles, texts, calls, tools)

    @cached_property
    def _trained_shortcut(self) -> tuple[int, Shortcut] | None:
        gauge = self.limits.trained
        return None if gauge is None else (gauge.limit, Shortcut(gauge.template, gauge.loaded()))

    @cached_property
    def sure_with_tools(self) -> int:
        """If `line_with_tools_at_most` is no more than this for a line without images, the line certainly fits."""
        gauge = self.limits.trained
        return ENDLESS if gauge is None else self.sure_bytes - (gauge.template.tools or 0)

    def settles(self, line: bytes) -> bool:
        """Whether the bytes of a line that defines or calls tools prove that it fits. It holds no image."""
        return _line_fits(line, self.sure_with_tools)

    def request_settles(self, line: bytes, record: Mapping[str, Any]) -> bool:
        """Whether the bytes of a request's line prove that it fits the model that it names."""
        gauge, reserve, _ = self._of_request(record)
        return gauge is None or _line_fits(line, _sure_bytes(gauge) - (gauge.template.tools or 0) - reserve)

    def sure_bytes_of_request(self, body: Mapping[str, Any], reserve: int, images: int) -> int:
        """Return the bytes up to which a request of texts and so many images certainly fits.

        `body` names the model; `reserve` is the largest number of tokens for the answer. -1: each must be examined.
        """
        gauge = self.limits.requested(body)
        if gauge is None:
            return ENDLESS
        return max(-1, _sure_bytes(gauge) - reserve - images * (gauge.template.image or 0))

    def overrun(
        self,
        record: Mapping[str, Any],
        format: str | None,
        *,
        counted: bool = True,
    ) -> Overrun | None:
        """Return how a record exceeds its limit, None if it fits. Without `counted`, a lower bound may be enough."""
        is_request = format in BATCH_FORMATS
        gauge, reserve, body = self._of_request(record) if is_request else (self.limits.trained, 0, record)
        if gauge is None:
            return None
        length = _too_long(record, format, gauge, gauge.limit - reserve, counted=counted)
        if length is None:
            return None
        from jsonl_lint.tokens import overruns  # most records fit

        if is_request:
            return overruns.of_request(length, gauge, reserve, body, self.limits)
        return overruns.of_training(length, gauge, self.limits)

    def _of_request(self, record: Mapping[str, Any]) -> tuple[Gauge | None, int, Mapping[str, Any]]:
        """Return the gauge for a request (None if it is unknown), what it reserves for the answer, and its body."""
        body = body_of(record)
        return (None, 0, record) if body is None else (self.limits.requested(body), reserve_of(body), body)

    def count(self, record: Mapping[str, Any], format: str | None = None) -> TokenCount:
        """Return the length of a record for the run's model, or else for the one that a batch request names."""
        named = model_of(record) if format in BATCH_FORMATS else ""
        gauge = self.limits.counting(self.limits.model or named)
        return measure(record, gauge.template, gauge.loaded(), format)


def _too_long(
    record: Mapping[str, Any],
    format: str | None,
    gauge: Gauge,
    room: int,
    *,
    counted: bool,
) -> TokenCount | None:
    """Return the length of a record that has more than this many tokens, None for one that fits."""
    loaded = gauge.loaded()
    found = renderings(record, gauge.template, format)
    most = upper_bound(found, loaded)
    if most is not None and most <= room:
        return None
    if not counted and lower_bound(found) > room:
        count = TokenCount(max(room + 1, 0), "at least", "counting stopped there", {})
    else:
        count = count_longest(found, gauge.template, loaded)
    return count if count.tokens > room else None


def _sure_bytes(gauge: Gauge | None) -> int:
    """Return the bytes up to which a line of plain texts certainly fits, -1 if there is no such number."""
    if gauge is None:
        return ENDLESS
    if gauge.tokenizer.endswith(".json") and not gauge.loaded().bounded:
        return -1
    return longest_sure_line(gauge.limit, gauge.template.ceiling, nfc=gauge.normalises)


def _line_fits(line: bytes, room: int) -> bool:
    return len(line) <= room and line_with_tools_at_most(line) <= room
