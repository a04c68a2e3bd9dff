"""What a shell offers when the user presses the tab key. Nothing is imported until then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from jsonl_lint.cli.arguments import COMPLETION
from jsonl_lint.errors import UserError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _FilePath(click.Path):
    """A path, for which the shell offers files. If it cannot be read, that is told where it is opened."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path: click itself would refuse the whole command."""
        return value


FILE_PATH = _FilePath()


def offer_rules(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names and codes of rules, also after a comma."""
    from jsonl_lint.plans.selection import names_and_codes

    return after_comma(incomplete, [*names_and_codes(), "ALL"])


def offer_targets(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the shipped targets, and files."""
    from jsonl_lint.target import target_names

    return _with_files(incomplete, target_names())


def offer_schemas(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the shipped schemas."""
    from jsonl_lint.schemas import schema_names

    return _beginning_with(incomplete, schema_names())


def offer_keys(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the keys of a configuration file."""
    from jsonl_lint.project.keys import KEYS, OVERRIDE_KEYS

    return _beginning_with(incomplete, {**KEYS, **OVERRIDE_KEYS})


def offer_models(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str] | list[CompletionItem]:
    """Offer the models that the shipped registry knows; files, after `models import`."""
    from jsonl_lint.tokens.modelfile import shipped_registry

    if ctx.params.get("words"):
        return _with_files(incomplete, ())
    return _beginning_with(incomplete, shipped_registry().models)


def offer_tokenizers(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the shipped vocabularies, and files."""
    from jsonl_lint.tokens.vocabulary import VOCABULARIES

    return _with_files(incomplete, VOCABULARIES)


def require_shell(asked: str) -> None:
    """Make sure that click answers what a shell asks for: to anything else it would say nothing, as if all were well.

    Raises:
        UserError: it knows no such shell.
    """
    from click.shell_completion import get_completion_class

    shell, _, wanted = asked.partition("_")
    if asked and (get_completion_class(shell) is None or wanted not in ("source", "complete")):
        known = "bash_source, zsh_source and fish_source"
        raise UserError(f"{COMPLETION} is {asked!r}; what the documentation describes is {known}")


def complete_in_bash() -> None:
    """Let Bash complete `--select=JL2`, which it takes for three words. Click does so for other shells alone."""
    from click.shell_completion import BashComplete, add_completion_class

    class _Bash(BashComplete):
        def get_completion_args(self) -> tuple[list[str], str]:
            words, incomplete = super().get_completion_args()
            return [word for word in words if word != "="], incomplete

    add_completion_class(_Bash)


def after_comma(incomplete: str, names: Iterable[str]) -> list[str]:
    """Return what the last of several names may become."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in _beginning_with(last, names)]


def _with_files(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    """Return the names and files; to Bash files come first, or it would forget the names, and it offers one of both."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file"), *map(CompletionItem, _beginning_with(incomplete, names))]


def _beginning_with(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
