"""The one entrance: starts the command that was asked for. Trouble is one line and exit code 1."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

import structlog

from radrecon.cli import commands
from radrecon.cli.printing import warn
from radrecon.model.errors import Trouble


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code; wrong usage leaves by SystemExit(2), as argparse does."""
    _speak_utf8()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    arguments = sys.argv[1:] if argv is None else argv
    parsed = commands.parse(arguments)
    try:
        code = commands.run(parsed)
        sys.stdout.flush()
        return code
    except Trouble as trouble:
        warn(" ".join(str(trouble).split()) or type(trouble).__name__)
        return 1
    except UnicodeEncodeError:
        if (strange := next((one for one in arguments if not _is_unicode(one)), None)) is None:
            raise
        warn(f"not in UTF-8: {strange!r}; set the terminal to UTF-8")
        return 2
    except BrokenPipeError:
        _stop_writing()
        return 0
    except KeyboardInterrupt:
        return 130


def _is_unicode(argument: str) -> bool:
    """Python keeps bytes that are not UTF-8 as lone surrogates: well for a file's name, but no database takes them."""
    return not any("\ud800" <= letter <= "\udfff" for letter in argument)


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _stop_writing() -> None:
    """The reader went away (`| head`): nothing may be written at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
