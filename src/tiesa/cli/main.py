"""The `tiesa` command: gathers the commands, turns errors into one sentence and an exit status."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tiesa import __version__
from tiesa.cli import (
    asking,
    benching,
    building,
    demo,
    erasing,
    exporting,
    finding,
    importing,
    joining,
    keeping,
    mapping,
    picturing,
    pinning,
    reporting,
    ruling,
    serving,
    simulating,
    situations,
    standards,
    trying,
    warning,
    watching,
)
from tiesa.cli.options import LanguageOption, speaking
from tiesa.cli.parser_words import Group, is_about_usage, misuse_in_words, speak_our_words
from tiesa.core.errors import NoSpace, TiesaError, tells_of_no_space
from tiesa.core.locale import _

app = typer.Typer(
    name="tiesa",
    cls=Group,
    help=_("Customer journeys from your own records: who waits for you now, whose wait it was, who comes back."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS = (
    trying, mapping, importing, watching, joining, building, asking, finding, situations, warning, standards, picturing,
    reporting, exporting, simulating, demo, serving, ruling, keeping, pinning, erasing, benching,
)  # fmt: skip
for commands in COMMANDS:
    commands.register(app)
speak_our_words(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tiesa {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help=_("Show the version."), callback=_show_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help=_("Show where an error comes from."))] = False,
    language: LanguageOption = "",
) -> None:
    del version, debug
    context.with_resource(speaking(language))


def main() -> None:
    """Run the command line; never a traceback unless `--debug` is given."""
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    try:
        status = app(prog_name="tiesa", standalone_mode=False)
    except TiesaError as error:
        if debug:
            raise
        _fail(str(error), error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        _fail(_("Stopped; what was kept before stands"), 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # the last line of defence: a person gets a sentence, never a traceback
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{error}\n")
            sys.exit(2)
        if is_about_usage(error):
            _fail(misuse_in_words(error) + " " + _("(`tiesa --help` shows the commands)"), 2)
        if debug:
            raise
        if tells_of_no_space(error):
            full = NoSpace(_("No space is left on the disk"), remedy=_("Make room and run the same command again"))
            _fail(str(full), full.exit_status)
        what = _("Something went wrong that should not have: {kind}: {error}. `tiesa --debug` shows where")
        _fail(what.format(kind=type(error).__name__, error=" ".join(str(error).split())[:300]), 1)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(sentence: str, status: int) -> None:
    sys.stderr.write(f"tiesa: {sentence}\n")
    sys.exit(status)
