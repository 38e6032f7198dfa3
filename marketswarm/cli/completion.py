"""`marketswarm completion SHELL`: the script that makes a shell complete our commands."""

import rich_click as click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL, to be evaluated at its start: eval "$(marketswarm completion bash)"."""
    made = get_completion_class(shell)
    assert made is not None, "the choices are the shells that click knows"
    click.echo(made(ctx.find_root().command, {}, "marketswarm", "_MARKETSWARM_COMPLETE").source())
