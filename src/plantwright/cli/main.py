"""The commands by name; each lives in a module that is imported when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from plantwright import __version__

_COMMANDS = {
    "improve": ("study", "What holds a plant back, and what to do next."),
    "simulate": ("study", "What a plant would do: output, cycle time, states."),
    "roadmap": ("roadmap", "Which moves in which quarter, under a budget."),
    "compare": ("compare", "What differs between two plants, and what that does."),
    "check": ("plants", "Check a plant file or workbook; explain its defaults."),
    "new": ("plants", "Start a plant file or workbook."),
    "import": ("imports", "Make a plant file of another system's tables."),
    "calibrate": ("logs", "Make a plant file of a shop's own records."),
    "update": ("updates", "Revise a plant file from new records; show what moved."),
    "inspect": ("logs", "The quality of a shop's records, defect by defect."),
    "discover": ("shopfloor", "Find what a machine offers; write the file with which to read it."),
    "collect": ("shopfloor", "Read machines into a history."),
    "machines": ("machines", "What every machine does now, and the alarms."),
    "timeline": ("machines", "What machines did, without a hole, as a table or picture."),
    "stops": ("machines", "Stops of machines; give one its reason."),
    "oee": ("machines", "The KPIs of ISO 22400-2, with the share of time that the data cover."),
    "virtual": ("virtual", "Run a plant whose machines speak the shop floor's protocols."),
    "history": ("history", "What machines have said: look at it, export it, keep it in order."),
    "sparkplug": ("sparkplug", "Does Sparkplug traffic keep to the standard?"),
    "demo": ("demo", "See the whole loop on a small plant, without a factory."),
    "schema": ("plants", "The JSON Schema of the plant file, for an editor."),
    "compile": ("study", "Compile the engine now, so that the first run is quick."),
    "completion": ("shell", "Completion of commands and options for your shell."),
}


class _Lazy(click.Group):
    """A group that knows its commands' names and one line of help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"plantwright.cli.{_COMMANDS[name][0]}"), f"{name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in _COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from difflib import get_close_matches

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], _COMMANDS, 1)
            if near:
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", error.ctx) from error
            raise


@click.group(
    cls=_Lazy,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "PLANTWRIGHT",
        "max_content_width": 100,
    },
)
@click.version_option(__version__, prog_name="plantwright")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
@click.pass_context
def group(ctx: click.Context, debug: bool) -> None:
    """Find a factory's next best move, and help to make it.

    \b
    plantwright improve examples/pouch-cell-pilot.yaml    what to do next
    plantwright new shop.xlsx                             start your own plant
    plantwright calibrate LOG.csv -o shop.yaml            or make it of your records
    """
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 a finding, 2 bad input, 130 interrupted with nothing to show."""
    from plantwright.errors import Interrupted, PlantwrightError

    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    code: int = 0
    try:
        code = group.main(arguments, prog_name="plantwright", standalone_mode=False) or 0
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        code = 130
    except Interrupted as interrupted:
        said = str(interrupted) or "stopped"
        click.echo(f"{said[0].upper()}{said[1:]}.", err=True)
        code = 130
    except PlantwrightError as error:
        click.echo(str(error), err=True)
        code = 2
    except BrokenPipeError:
        # Whoever read the output has enough; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if debug:
            raise
        click.echo(f"Something unexpected went wrong in Plantwright: {type(error).__name__}: {error}", err=True)
        click.echo(
            "Please report it with the command you gave; 'plantwright --debug ...' shows where it happened.", err=True
        )
        code = 70
    sys.exit(code)
