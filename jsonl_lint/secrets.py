"""Keys and access tokens that people leave in texts: how each kind begins, and how all of it looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from math import log2
from typing import NamedTuple

_WORD = "[A-Za-z0-9_-]"
_PRIVATE_KEY = "-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----"


def _is_random(word: str) -> bool:
    """Whether it may have been drawn by lot: not `xxxxxxxx`, and not `YOUR_API_KEY`."""
    body = re.sub(f"^(?:{STARTS})", "", word)
    example = re.search("example|your|dummy|sample|placeholder|secret|redacted", body, re.IGNORECASE)
    digits = any(map(str.isdigit, body)) or word.startswith(("hf_", "AKIA", "ASIA"))
    return _entropy(body) >= 2.9 and not example and digits


def _is_password(password: str, user: str) -> bool:
    """Whether it may be a real one: not `mypassword1` or `P4ssw0rd!`, and not the user's name with a number."""
    spelled, plain = _letters(password), _letters(password.lower().translate(_LEET))
    mixed = any(map(str.isdigit, password)) and bool(spelled)
    named = len(user) > 3 and _letters(user) in (spelled, plain)
    counted = any(row in password for row in ("1234", "4321", "xxx", "***"))
    weak = re.fullmatch(_WEAK, spelled) or re.fullmatch("(?:my)?password?i*", plain)
    return mixed and not named and not counted and _entropy(password) >= 2.7 and not weak


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))


def _entropy(text: str) -> float:
    counts = [text.count(character) for character in set(text)]
    return -sum(count / len(text) * log2(count / len(text)) for count in counts)


def _is_token(word: str) -> bool:
    """Whether the header of a JSON Web Token is one."""
    from base64 import urlsafe_b64decode  # a rare need

    header = word.partition(".")[0]
    try:
        found = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "alg" in found


class _Kind(NamedTuple):
    """A kind of secret: how it begins, all of it as a regular expression, and a proof that it is no coincidence."""

    name: str
    start: str
    whole: str
    proof: Callable[[str], bool] = _is_random


_KINDS = (
    _Kind("a GitHub token", "gh[pousr]_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _Kind("a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _Kind("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _Kind("an AWS access key", "A[KS]IA", r"A[KS]IA[A-Z0-9]{16}"),
    _Kind("an Anthropic key", "sk-ant-", r"sk-ant-(?:[a-z]{3,6}\d\d-)?[A-Za-z0-9_-]{20,120}"),
    _Kind("an OpenRouter key", "sk-or-", r"sk-or-v1-[0-9a-f]{32,64}"),
    _Kind("an OpenAI key", "sk-", r"sk-(?:[a-z]{4,12}-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}"),
    _Kind("an OpenAI key", "sk-", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,200}"),
    _Kind("an API key", "sk-", r"sk-[A-Za-z0-9]{20,100}"),
    _Kind("a Together key", "tgp_v1_", r"tgp_v1_[A-Za-z0-9_-]{30,60}"),
    _Kind("a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{30,40}"),
    _Kind("a Slack token", "xox[abeoprs]-", r"xox[abeoprs]-(?:\d{1,13}-){0,3}[A-Za-z0-9-]{16,150}"),
    _Kind("a Slack token", "xapp-", r"xapp-\d-[A-Z0-9]{8,14}-\d{10,15}-[0-9a-f]{64}"),
    _Kind("a Stripe key", "[rs]k_live_", r"[rs]k_live_[A-Za-z0-9]{24,128}"),
    _Kind("a Google API key", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
    _Kind("a Google client secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _Kind("a GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,26}"),
    _Kind("a GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{27,300}(?:\.[0-9]{2})?\.[0-9a-z]{9}"),
    _Kind("a GitLab token", "gl(?:rt|dt|ptt|cbt)-", r"gl(?:rt|dt|ptt|cbt)-[A-Za-z0-9_-]{20,60}"),
    _Kind("a PyPI token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,300}"),
    _Kind("a Docker token", "dckr_[po]at_", r"dckr_[po]at_[A-Za-z0-9_-]{27,36}"),
    _Kind("a SendGrid key", r"SG\.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _Kind("a DigitalOcean token", "do[opr]_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _Kind("a Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _Kind("a Shopify token", "shp(?:at|ca|pa|ss)_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _Kind("a Grafana token", "glsa_", r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"),
    _Kind("a Linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _Kind("a Pinecone key", "pcsk_", r"pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}"),
    _Kind("a Notion token", "ntn_", r"ntn_[A-Za-z0-9]{46}"),
    _Kind("a Postman key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _Kind("a Figma token", "figd_", r"figd_[A-Za-z0-9_-]{38,46}"),
    _Kind("an Atlassian token", "ATATT3", r"ATATT3[A-Za-z0-9_-]{150,230}"),
    _Kind("a Heroku token", "HRKU-", r"HRKU-[A-Za-z0-9_-]{58,62}"),
    _Kind("a Vault token", r"hvs\.", r"hvs\.[A-Za-z0-9_-]{24,300}"),
    _Kind("an age key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _Kind("a LangSmith key", "lsv2_(?:pt|sk)_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    _Kind("a Tavily key", "tvly-", r"tvly-(?:[a-z]{3,4}-)?[A-Za-z0-9]{28,40}"),
    _Kind("a Fireworks key", "fw_", r"fw_[A-Za-z0-9]{22,28}"),
    _Kind("a Cerebras key", "csk-", r"csk-[a-z0-9]{48}"),
    _Kind("a Perplexity key", "pplx-", r"pplx-[A-Za-z0-9]{40,60}"),
    _Kind("a Groq key", "gsk_", r"gsk_[A-Za-z0-9]{40,60}"),
    _Kind("an xAI key", "xai-", r"xai-[A-Za-z0-9]{60,100}"),
    _Kind("an NVIDIA key", "nvapi-", r"nvapi-[A-Za-z0-9_-]{64}"),
    _Kind("a Replicate token", "r8_", r"r8_[A-Za-z0-9]{32,40}"),
    _Kind(
        "a JSON Web Token",
        "eyJ",
        r"eyJ[A-Za-z0-9_-]{17,2000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{20,2000}",
        _is_token,
    ),
)
"""Prefixes and lengths: the providers' documentation, and keys of revoked accounts. Lengths have some play, because
providers change them without saying so."""

_AWS_NAME = "[Aa][Ww][Ss]_[Ss][Ee][Cc][Rr][Ee][Tt]_[Aa][Cc][Cc][Ee][Ss][Ss]_[Kk][Ee][Yy]"
_AWS_SECRET = f"{_AWS_NAME}[^A-Za-z0-9/+]{{1,8}}"
_SLACK_HOST = r"hooks\.slack\.com"
_SLACK_HOOK = rf"{_SLACK_HOST}(?:\\?/[A-Za-z0-9]{{8,12}}){{3}}\\?/"
_NAMED = f"({_AWS_SECRET}|{_SLACK_HOOK})([A-Za-z0-9/+]{{8,}})"
"""A name and a value that is secret, also where the text ends inside it."""


def _is_aws_secret(text: str) -> bool:
    """Whether the value may be one: not the example of the manual, and not `xxxxxxxx`."""
    value = text[-40:]
    return _entropy(value) >= 3.5 and any(map(str.isdigit, value)) and "EXAMPLE" not in value.upper()


_INSIDE = (
    _Kind("an AWS secret key", _AWS_NAME, _AWS_SECRET + "[A-Za-z0-9/+]{40}(?![/+])", _is_aws_secret),
    _Kind("a Slack webhook", _SLACK_HOST, _SLACK_HOOK + "(?!X{24})[A-Za-z0-9]{24}"),
    _Kind(
        "an Azure storage key",
        "AccountKey=",
        r"AccountKey=(?!Eby8vdM02xNO)(?=[A-Za-z0-9+/]{0,66}[A-Za-z0-9]{20})[A-Za-z0-9+/]{86}==",
    ),
    _Kind("an Azure key", "JQQJ9", r"[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][A-Za-z0-9]{24}"),
    _Kind("a Telegram bot token", f":AA{_WORD}{{10}}{_WORD}", rf"(?!110201543:)[0-9]{{8,10}}:AA{_WORD}{{33}}"),
    _Kind("a Twilio key", "SK[0-9a-f]{16}[0-9a-f]", "SK[0-9a-f]{32}"),
)
"""Kinds that cannot be told by the first characters of a long word; `start` is in it, or before it.

Two values that the vendors' own manuals give everybody are none: the key of Azure's emulator, and Telegram's example.
"""

_USER, _PASSWORD = r"[A-Za-z0-9_\.%~+-]", r"[A-Za-z0-9_\.%~!*&^$=,;?#+-]"
_ADDRESS = f"://{_USER}*:{_PASSWORD}+@"
_SPELLED_ADDRESS = (
    r"""(:(?:/|~1|\\/){2}[^\s/@:\\"']*:)"""
    r"""([^\s/"']{1,200}(?=@)|[^\s/"']{8,200}\Z)"""
)
"""With any password, since drivers take more characters than a URL may have; also where the text ends inside it."""

_REST_OF_PASSWORD = r"\A[!#-&(-.0-~]{32,200}(?=@)"
"""Where a text begins inside an address: hardly anything else is as long without a space."""

_DATABASE = (
    r"(?<![A-Za-z0-9])((?:postgres(?:ql)?|mysql|mariadb|mssql|mongodb|rediss?|amqps?)(?:\+[a-z0-9]{2,12})?)"
    rf"://({_USER}{{0,64}}):({_PASSWORD}{{8,100}})@((?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+)"
)
_UNREAL_HOST = r"(?:^|[.-])(?:example|your|sample|dummy|placeholder)|\.(?:test|invalid|local|localhost)$|^(?:127|0)\."
_LEET = str.maketrans("013457@$!", "oieastasi")
_WEAK = (
    "(?:a|the|my|your|some|new|change|me|super|very|strong|secure|secret|pass|password|passwd|pwd|word|example|dummy|sample"
    "|placeholder|redacted|admin|root|user|guest|test|demo|dev|prod|db|database|qwerty|welcome|letmein)+"
)
"""What a password of nothing but such words says, apart from its digits and signs."""

MARKS = "@"
PATTERNS = (*[kind.start for kind in _INSIDE], _ADDRESS)
"""What texts with one of these, or with a password in an address, have in them besides a long word or a mark."""

STARTS = "|".join(dict.fromkeys(kind.start for kind in _KINDS))
KEY_BEGINS = f"[bfnrt]?(?:{STARTS})[A-Za-z0-9_-]{{16}}"
"""How a long word begins that is a key, and not `risk-averse`. The letter may be that of an escape in JSON or code."""
_CANDIDATE = rf"(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrt]))(?={STARTS})(?:[A-Za-z0-9_-]{{20,}}|(?:SG|hvs)[.])"
_BEGUN = rf"(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{{4}}))({STARTS})[A-Za-z0-9_.-]{{16,}}"
_BEFORE = "(?<![A-Za-z0-9])"
_NOT_IN_WORD = r"(?![A-Za-z0-9_-])"


class Secret(NamedTuple):
    """A secret in a text: its kind, how a message shows it, and its place in code points."""

    kind: str
    shown: str
    start: int
    end: int


def first_of_each_kind(text: str) -> list[Secret]:
    """Return the first of the secrets in the text that a message would say the same of."""
    found: dict[tuple[str, str], Secret] = {}
    for secret in _secrets_in(text):
        found.setdefault(secret[:2], secret)
    return list(found.values())


def _secrets_in(text: str) -> Iterator[Secret]:
    if len(text) < 20 or ("@" not in text and not re.search(f"{_WORD}{{20}}", text)):
        return  # none is shorter, and every kind but a password has a long word
    for candidate in re.finditer(_CANDIDATE, text):
        for kind in _KINDS:
            match = re.compile(kind.whole + _NOT_IN_WORD).match(text, candidate.start())
            if match and kind.proof(match.group()):
                shown = f" (`{match.group()[:4]}…`, {len(match.group())} characters)"
                yield Secret(kind.name, shown, *match.span())
                break
    yield from _others_in(text)
    header = re.search(_PRIVATE_KEY, text)
    if header and re.compile("[A-Za-z0-9_-]{20}").search(text, header.end(), header.end() + 400):
        end = text.find("-----END", header.end())
        yield Secret("a private key", "", header.start(), end if end >= 0 else len(text))


def _others_in(text: str) -> Iterator[Secret]:
    for kind in _INSIDE:
        if re.search(kind.start, text):
            for match in re.finditer(_BEFORE + kind.whole + _NOT_IN_WORD, text):
                if kind.proof(match.group()):
                    yield Secret(kind.name, f" ({len(match.group())} characters)", *match.span())
    if "@" in text:
        for address in re.finditer(_DATABASE, text):
            scheme, user, password, host = address.groups()
            if _is_password(password, user) and not re.search(_UNREAL_HOST, host.lower()):
                yield Secret("the password of a database", f" (`{scheme}://`)", *address.span(3))


_MAY_BE_MASKED = re.compile(r"[A-Za-z0-9_./+=-]{15}|@|:(?:/|~1|\\/)|PRIVATE KEY")
"""A long word, or what else there is in every text with something to mask."""


def without_secrets(text: str) -> str:
    """Mask with asterisks what begins like one of them, even if the text ends inside it or is still escaped."""
    if not _MAY_BE_MASKED.search(text):
        return text
    if "PRIVATE KEY" in text:
        text = without_private_keys(text)
    text = re.sub(_NAMED, lambda match: match[1] + "*" * len(match[2]), text)
    for kind in _INSIDE:
        text = re.sub(_BEFORE + kind.whole, lambda match: "*" * len(match[0]), text)
    return re.sub(_BEGUN, lambda match: match[1] + "*" * (len(match[0]) - len(match[1])), without_passwords(text))


def without_private_keys(text: str) -> str:
    """Mask private keys with asterisks, but not the lines around them that say what they are."""
    return re.sub(f"({_PRIVATE_KEY})((?s:.+?))(?=-----END|$)", lambda match: match[1] + "*" * len(match[2]), text)


def without_passwords(text: str) -> str:
    """Mask the passwords in addresses with asterisks, also where the address is escaped as JSON or in a pointer."""
    text = re.sub(_REST_OF_PASSWORD, lambda match: "*" * len(match[0]), text)
    return re.sub(_SPELLED_ADDRESS, lambda match: f"{match[1]}{'*' * len(match[2])}", text)
