"""Completion for shells."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> int:
    """Print the script that completes plantwright's commands and options.

    \b
    plantwright completion bash >> ~/.bashrc
    plantwright completion zsh >> ~/.zshrc
    plantwright completion fish > ~/.config/fish/completions/plantwright.fish
    """
    from click.shell_completion import get_completion_class

    from plantwright.cli.main import group

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    complete = kind(group, {}, "plantwright", "_PLANTWRIGHT_COMPLETE")
    click.echo(complete.source())
    return 0
