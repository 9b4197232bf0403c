"""The man page and the shell completion, both from the command line's own parsers, so that they never lag behind."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from radrecon import __version__
from radrecon.cli import commands

FILES = {
    "~/.config/radrecon/radrecon.toml": "the user's configuration; it goes before the computer's",
    "/etc/radrecon/radrecon.toml": "the computer's configuration, which its engine serves by",
    "~/.local/share/radrecon/radrecon.sqlite3": "the database where none is named",
    "/var/lib/radrecon/": "the database of the computer's engine, as its configuration names it",
    "/usr/share/doc/radrecon/": "how to run the service; licences; the bill of materials",
}
ENVIRONMENT = {"RADRECON_DATABASE": "database URL or SQLite file; --database goes before it"}


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    action = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    return {name: one for name, one in action.choices.items() if commands.COMMANDS[name].help}


def options_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [one for one in parser._actions if one.option_strings and one.help != argparse.SUPPRESS]


def positionals(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    wanted = [one for one in parser._actions if not one.option_strings]
    return [one for one in wanted if not isinstance(one, argparse._SubParsersAction)]


# -- man page ---------------------------------------------------------------------------------------------------------


def man_page(date: str) -> str:
    """radrecon(1) in man's macros; `date` as YYYY-MM-DD."""
    whole = commands.parser()
    lines = [f'.TH RADRECON 1 "{date}" "radrecon {__version__}" "User commands"', ".SH NAME"]
    lines += [r"radrecon \- reconciliation and worklist management for radiology", ".SH SYNOPSIS"]
    lines += [r".B radrecon", r"[\-\-database URL] [\-\-config FILE] [COMMAND ...]", ".SH DESCRIPTION"]
    lines += ["Without a command: the desk. Lists take", r".B \-\-json", "and then print what the desk shows as JSON."]
    lines += [".SH OPTIONS", *_roff_options(options_of(whole)), ".SH COMMANDS"]
    for name, parser in subparsers(whole).items():
        lines += [".SS " + " ".join([name, *map(_roff_name, positionals(parser))]), _roff(parser.description or "")]
        own = [one for one in options_of(parser) if one.dest not in ("help", "database", "config")]
        lines += _roff_options([*(one for one in positionals(parser) if one.help), *own])
    lines += [".SH ENVIRONMENT", *_roff_pairs(ENVIRONMENT), ".SH FILES", *_roff_pairs(FILES), ".SH EXIT STATUS"]
    lines += ["0 fine; 1 a failure, said in one line on standard error; 2 wrong usage."]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text


def help_of(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%").replace("%(default)s", str(action.default))


def _explained(action: argparse.Action) -> str:
    """Its help, with the values that it may have where they are too many for its name."""
    values = f"one of {', '.join(map(str, action.choices))}" if action.choices and _too_many(action) else ""
    return "; ".join(one for one in (help_of(action), values) if one)


def _too_many(action: argparse.Action) -> bool:
    return len("|".join(map(str, action.choices or ()))) > 40


def _roff_name(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.option_strings and action.nargs == 0:
        return _roff(names)
    named = action.choices and not _too_many(action)
    value = str(action.metavar or ("|".join(map(str, action.choices or ())) if named else action.dest.upper()))
    value = f"[{value}]" if action.nargs in ("?", "*") and not names else value
    return _roff(f"{names} {value}".strip() + (" ..." if action.nargs in ("*", "+") else ""))


def _roff_options(actions: list[argparse.Action]) -> Iterator[str]:
    for action in actions:
        yield from (".TP", rf".B {_roff_name(action)}", _roff(_explained(action)) or r"\&")


def _roff_pairs(pairs: dict[str, str]) -> Iterator[str]:
    for name, text in pairs.items():
        yield from (".TP", rf".I {_roff(name)}", _roff(text))


# -- completion -------------------------------------------------------------------------------------------------------


COMPLETION = """\
# bash completion for radrecon {version}
_radrecon() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD - 1]}}" command="" one
  for one in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$one" in {commands}) command="$one"; break ;; esac
  done
  case "$before" in
    --config | --ready-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "$command $before" in
{choices}
  esac
  case "$command" in
{options}
    *) COMPREPLY=($(compgen -W "{first}" -- "$word")) ;;
  esac
}}
complete -o default -F _radrecon radrecon
"""


def completion() -> str:
    """For bash: commands, their options, and the values that an option or the first word behind a command may have."""
    whole = commands.parser()
    parsers = subparsers(whole)
    choices = [line for name, parser in parsers.items() for line in _choices(name, parser)]
    options = [f'    {name}) COMPREPLY=($(compgen -W "{_words(one)}" -- "$word")) ;;' for name, one in parsers.items()]
    return COMPLETION.format(
        version=__version__,
        commands=" | ".join(parsers),
        choices="\n".join(choices),
        options="\n".join(options),
        first=" ".join([*parsers, *_flags(whole)]),
    )


def _choices(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in [*options_of(parser), *positionals(parser)[:1]]:
        if action.choices:
            keys = " | ".join(f'"{name} {one}"' for one in action.option_strings or [name])
            words = " ".join(map(str, action.choices))
            yield f'    {keys}) COMPREPLY=($(compgen -W "{words}" -- "$word")); [[ "$word" == -* ]] || return ;;'


def _flags(parser: argparse.ArgumentParser) -> list[str]:
    return [one for action in options_of(parser) for one in action.option_strings if one.startswith("--")]


def _words(parser: argparse.ArgumentParser) -> str:
    first = positionals(parser)[:1]
    return " ".join([*_flags(parser), *(str(one) for action in first for one in action.choices or ())])
