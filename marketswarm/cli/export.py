"""`marketswarm export`: a recording as a table."""

import json
from pathlib import Path

import rich_click as click

from marketswarm.recorder.export import export_parquet
from marketswarm.recorder.recording import Recording
from marketswarm.recording_joint import decode_raw


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--parquet",
    "target",
    required=True,
    metavar="OUT",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def export(*, path: Path, target: Path, as_json: bool) -> None:
    """Write the quotes, trades and bars of the recording in PATH as a Parquet file, one row each.

    Needs pyarrow: pip install 'marketswarm[parquet]'. The vendor's terms forbid to pass its market data on.
    """
    recording = Recording(path)
    rows = export_parquet(recording, target, decode_raw)
    for note in recording.contents.notes():
        click.echo(note, err=True)
    if as_json:
        click.echo(json.dumps({"path": str(target), "rows": rows}))
    else:
        click.echo(f"{rows:,} rows in {target}")
