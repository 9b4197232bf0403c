"""Completion for zsh and fish, from the command line's own parsers, with what each word means; bash's is in manual."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from manual import help_of, options_of, positionals, subparsers

from radrecon import __version__
from radrecon.cli import commands

FILES = re.compile(r"FILE|FOLDER")


def _takes_files(action: argparse.Action) -> bool:
    return bool(FILES.search(str(action.metavar or action.dest.upper())))


def _long(action: argparse.Action) -> list[str]:
    return [one.removeprefix("--") for one in action.option_strings if one.startswith("--")]


def _words(action: argparse.Action) -> str:
    return " ".join(map(str, action.choices or ()))


# -- fish -------------------------------------------------------------------------------------------------------------


def fish() -> str:
    whole = commands.parser()
    lines = [f"# fish completion for radrecon {__version__}", "complete -c radrecon -f"]
    lines += [_fish("__fish_use_subcommand", *_fish_option(one)) for one in options_of(whole)]
    for name, parser in subparsers(whole).items():
        seen = f"__fish_seen_subcommand_from {name}"
        lines.append(_fish("__fish_use_subcommand", "-a", name, "-d", _quoted(parser.description or "")))
        lines += [_fish(seen, *_fish_option(one)) for one in options_of(parser)]
        lines += [_fish(seen, *_fish_value(one)) for one in positionals(parser)[:1] if one.choices or _takes_files(one)]
    return "\n".join(lines) + "\n"


def _fish(condition: str, *rest: str) -> str:
    return " ".join(["complete -c radrecon -n", _quoted(condition), *rest])


def _fish_option(action: argparse.Action) -> Iterator[str]:
    for name in _long(action):
        yield from ("-l", name)
    if action.nargs != 0:
        yield "-r" if _takes_files(action) else "-x"
        yield from _fish_value(action)
    yield from ("-d", _quoted(help_of(action)))


def _fish_value(action: argparse.Action) -> Iterator[str]:
    if action.choices:
        yield from ("-a", _quoted(_words(action)))
    elif _takes_files(action):
        yield "-F"


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


# -- zsh --------------------------------------------------------------------------------------------------------------

ZSH = """\
#compdef radrecon
# zsh completion for radrecon {version}
local context state state_descr line
typeset -A opt_args
_arguments -C {whole} '1: :->command' '*:: :->rest'
case $state in
  command)
    local -a commands=({commands})
    _describe command commands ;;
  rest)
    case $words[1] in
{cases}
    esac ;;
esac
"""


def zsh() -> str:
    whole = commands.parser()
    parsers = subparsers(whole)
    named = " ".join(_in_zsh(f"{name}:{parser.description or ''}") for name, parser in parsers.items())
    cases = "\n".join(f"      {name}) _arguments {_zsh_arguments(one)} ;;" for name, one in parsers.items())
    options = " ".join(map(_zsh_option, options_of(whole)))
    return ZSH.format(version=__version__, whole=options, commands=named, cases=cases)


def _zsh_arguments(parser: argparse.ArgumentParser) -> str:
    first = [_in_zsh(f"*: :{_zsh_value(one)}") for one in positionals(parser)[:1]]
    return " ".join([*map(_zsh_option, options_of(parser)), *first])


def _zsh_option(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else f": :{_zsh_value(action)}"
    return " ".join(_in_zsh(f"--{name}[{_escaped(help_of(action))}]{value}") for name in _long(action))


def _zsh_value(action: argparse.Action) -> str:
    return f"({_words(action)})" if action.choices else "_files" if _takes_files(action) else " "


def _escaped(text: str) -> str:
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def _in_zsh(text: str) -> str:
    text = text.replace("'", "'\\''")
    return f"'{text}'"
