"""What the parser of the command line says of itself, in our words: its help, and what was typed wrongly."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from tiesa.core.locale import _


class _InOurWords:
    """The parts of a command's help that the parser writes."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces: list[str] = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        metavars = {"[OPTIONS]": _("[OPTIONS]"), "COMMAND [ARGS]...": _("COMMAND [ARGS]...")}
        usage = " ".join(metavars.get(piece, piece) for piece in pieces)
        formatter.write_usage(ctx.command_path, usage, prefix=_("Usage:") + " ")

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("Show this message and exit.")
        return option


class Command(_InOurWords, TyperCommand):
    """A command whose help is in the running language."""


class Group(_InOurWords, TyperGroup):
    """All commands together."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], self.list_commands(ctx))
            said = _("There is no command {name}.").format(name=args[0])
            ctx.fail(f"{said} {_meant(near)}" if near else said)
        return super().resolve_command(ctx, args)


def speak_our_words(app: typer.Typer) -> None:
    """Let every command that was registered write its help in our words."""
    for command in app.registered_commands:
        command.cls = Command


def is_about_usage(error: Exception) -> bool:
    """Is this what the parser raises about what was typed?"""
    return hasattr(error, "format_message")


def misuse_in_words(error: Any) -> str:
    """What was typed wrongly, in one sentence; what the parser says itself where it says something new."""
    kind, said = type(error).__name__, str(error.format_message())
    if kind == "NoSuchOption":
        near = sorted(error.possibilities or ())
        return _("There is no option {name}.").format(name=error.option_name) + (f" {_meant(near)}" if near else "")
    if kind == "MissingParameter":
        return _("{name} is missing.").format(name=_name(error))
    if kind == "BadOptionUsage":
        without = _("{name} takes no value.") if "not take" in said else _("{name} needs a value.")
        return without.format(name=error.option_name)
    if kind == "BadParameter":
        return _bad_value(said).format(name=_name(error))
    if extra := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", said):
        return _("These words are too many: {words}").format(words=extra[1])
    return said


def _bad_value(said: str) -> str:
    if "integer" in said:
        return _("{name} takes a whole number.")
    if "number" in said or "float" in said:
        return _("{name} takes a number.")
    return _("{name} does not take this value.")


def _name(error: Any) -> str:
    """The option or argument as the help names it."""
    param = error.param
    if param is None:
        return str(error.param_hint or "")
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.metavar or param.human_readable_name)


def _meant(names: list[str]) -> str:
    return _("Did you mean {names}?").format(names=", ".join(names))
