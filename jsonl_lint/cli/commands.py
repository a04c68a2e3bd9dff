"""All verbs as click knows them."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from jsonl_lint.cli.arguments import COMPLETION, DEFAULT_VERB, VERBS
from jsonl_lint.cli.completion import complete_in_bash, require_shell
from jsonl_lint.cli.help import HelpFormatter
from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_ERROR, EXIT_INTERRUPTED, complain, discard_output
from jsonl_lint.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


click.Context.formatter_class = HelpFormatter  # the contexts of verbs do not inherit one


class _Verbs(click.Group):
    """Each verb is a module in this folder. `jsonl-lint data.jsonl` means `jsonl-lint check data.jsonl`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb. Its module is imported on use, so that no verb pays for the others."""
        if cmd_name not in VERBS:
            return None
        verb: click.Command = getattr(import_module(f"jsonl_lint.cli.{cmd_name}"), cmd_name)
        return verb

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default verb in front where none is named; without any argument, help."""
        if not args:
            args = ["--help"]
        if args[0] not in VERBS and args[0] not in ("--help", "-h", "--version"):
            args = [DEFAULT_VERB, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs, and what may follow the default verb: its options, or files. Bash offers files if no verb fits."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            from jsonl_lint.cli.check import check

            inner = check.shell_complete(click.Context(check, ctx, DEFAULT_VERB), incomplete)
            return list({item.value: item for item in [*super().shell_complete(ctx, incomplete), *inner]}.values())
        return [CompletionItem(incomplete, type="file"), *super().shell_complete(ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb. A closed pipe (`| head`) is not an error; click would exit with 1."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            discard_output()
            return EXIT_CLEAN
        return code


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jsonl-lint", message="%(prog)s %(version)s")
def cli() -> None:
    """Find every defect of a fine-tuning dataset before it is uploaded.

    \b
    jsonl-lint data.jsonl                 every defect, one on each line
    jsonl-lint check data/ --statistics   counts by rule, for a folder
    jsonl-lint fix data.jsonl -o b.jsonl  the repaired data
    jsonl-lint rule missing-role          what a rule finds, and why
    jsonl-lint targets openai             what a provider takes
    jsonl-lint explain 429                what a provider's error means
    """


def run_command(args: list[str]) -> int:
    """Let click read the arguments and run the verb; the exit code. Like reports, what verbs print is UTF-8."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if COMPLETION in os.environ:
        require_shell(os.environ[COMPLETION])
        complete_in_bash()
    try:
        return int(cli.main(args, prog_name="jsonl-lint", standalone_mode=False) or EXIT_CLEAN)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        from jsonl_lint.cli.misuse import message_of  # only who is mistaken needs it

        message = message_of(error)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            named = next((word for word in args if word.startswith("-") and os.path.lexists(word)), None)
            hint = f"for the file write ./{named}; " if named and isinstance(error, click.NoSuchOption) else ""
            complain(f"{message} ({hint}see `{error.ctx.command_path} --help`)")
        else:
            complain(message)
    except SystemExit:  # click's answer to a reader of its help that has seen enough
        discard_output()
        return EXIT_CLEAN
    except click.Abort:
        discard_output()
        return EXIT_INTERRUPTED
    return EXIT_ERROR
