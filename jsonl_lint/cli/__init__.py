"""The command line: one verb a file, each turning options into one call of the library."""

from __future__ import annotations

import sys

from jsonl_lint.cli.arguments import parse_without_click
from jsonl_lint.cli.terminal import (
    EXIT_CLEAN,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    complain,
    discard_output,
    finish_output,
    replace_closed_streams,
)
from jsonl_lint.errors import UserError, WrongUseError, internal, reason_of


def run(args: list[str]) -> int:
    """Run the command line and return its exit code: 0 clean, 1 findings, 2 wrong use or unreadable input."""
    debug = "--debug" in args
    replace_closed_streams()
    try:
        arguments = parse_without_click(args)
        if arguments is None:
            from jsonl_lint.cli.commands import run_command

            return run_command(args)
        from jsonl_lint.cli.checking import run_check

        return run_check(arguments)
    except BrokenPipeError:
        discard_output()
        return EXIT_CLEAN
    except KeyboardInterrupt:
        print(file=sys.stderr)
        discard_output()
        return EXIT_INTERRUPTED
    except WrongUseError as error:
        complain(f"{error} (see `jsonl-lint check --help`)")
    except UserError as error:
        finish_output()
        complain(str(error))
    except OSError as error:
        discard_output()
        gone = isinstance(error, FileNotFoundError) and error.filename is None
        complain("the working folder is gone" if gone else f"cannot write the report: {reason_of(error)}")
    except Exception as error:
        if debug:
            import traceback  # a rare need

            traceback.print_exc()
        complain(f"{internal(error)}{'' if debug else '; `--debug` shows more'}")
    return EXIT_ERROR
