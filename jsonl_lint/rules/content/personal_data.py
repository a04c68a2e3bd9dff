"""JL703."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule

_EMAIL = re.compile(
    r'://[^\s/?#<>"|,;)\]\x80-\U0010ffff]*@|'  # who logs in at a server
    r"((?<![\w.+-])(?!git@)[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@]))"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_CARD = re.compile(
    r"(?<![\d.,-])(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5})"
    r"(?![\d.,-]\d|\d)"
)
_SSN = re.compile(r"(?<![\d-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\d-])")
_PHONE = re.compile(
    r"(?<![\w+])\+[1-9][0-9]{0,2}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9]{2,4}(?:[ .-]?[0-9]{2,4}){1,4}(?![\d-])"
)


class PersonalData(TextRule):
    """A text holds personal data.

    E-mail addresses, phone numbers, IBANs, card numbers and US social security numbers are looked for. IBANs and card
    numbers count only if their checksums are right, and who logs in at a server (`ftp://anna@host.example/`,
    `anna@host.example:/home`) has no e-mail address there. Invented data looks the same as real data, so this rule is
    off by default. The finding names the kind and never shows the data.
    """

    code = "JL703"
    name = "personal-data"
    severity = Severity.INFO
    default = False
    sensitive = True
    marks = "@0123456789"
    patterns = (
        "@[A-Za-z0-9-]",
        "[A-Z][A-Z][0-9][0-9] ?[A-Z0-9][A-Z0-9][A-Z0-9][A-Z0-9]",
        "[0-9]{12}[0-9]",
        "[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]",
        "[0-9]{4}[ -][0-9]{6}[ -][0-9]",
        "[0-9]{3}-[0-9]{2}-[0-9]",
        r"\+[1-9][0-9 \.()-]{6}[0-9 \.()-]",
    )
    help = "Replace it by a placeholder, unless it is invented or meant to be public."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each kind in a text."""
        for text in record.texts:
            for kind in dict.fromkeys(_kinds(text.value)):
                yield self.sketch(text.pointer, f"the text holds {kind}")


def _kinds(text: str) -> Iterator[str]:
    """Yield the kinds of personal data in the text."""
    if "@" in text and any(_is_email(match) for match in _EMAIL.finditer(text)):
        yield "an e-mail address"
    if any(_is_iban(match.group()) for match in _IBAN.finditer(text)):
        yield "an IBAN"
    if any(_is_card(match.group()) for match in _CARD.finditer(text)):
        yield "a card number"
    if _SSN.search(text):
        yield "a social security number"
    if "+" in text and any(8 <= sum(map(str.isdigit, match.group())) <= 15 for match in _PHONE.finditer(text)):
        yield "a phone number"


def _is_email(match: re.Match[str]) -> bool:
    """Whether it is an address, and nothing that a server has at a path: `anna@host.example:/home`."""
    return match[1] is not None and not match.string.startswith((":/", ":~"), match.end())


def _is_iban(text: str) -> bool:
    """Whether ISO 13616 holds: moved to the end and letters read as 10 to 35, the first four leave 1 modulo 97."""
    plain = text.replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return 15 <= len(plain) <= 34 and int(digits) % 97 == 1


def _is_card(text: str) -> bool:
    """Whether ISO/IEC 7812 holds: an issuer's first digits, and the Luhn checksum."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    issued = text[0] in "3456" and len(set(digits)) > 1
    return issued and 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
