"""Scaffold of a new exporter: `make exporter NAME=memcached-exporter CHART=<chart> VERSION=1.2.3 PORT=9150`.

Writes the registry row and everything that belongs to it. What only a person can know is a gap, marked TODO;
`tests/components/test_exporter_registry.py` lists each gap until it is filled, and the tests of rules and runbooks list
those of the absence alert.
"""

import sys

import click

from catalogue.scaffold import GAP, gap_count
from common.problems import CatalogueError
from common.project import PROJECT
from common.whole_files import write_all
from tools.exporter_scaffold.scaffold import NewExporter, texts


@click.command()
@click.option("--name", default="")
@click.option("--chart", default="")
@click.option("--version", default="")
@click.option("--port", default="")
def main(name: str, chart: str, version: str, port: str) -> None:
    """Write the files of a new exporter, with their gaps marked."""
    new = NewExporter(name=name, chart=chart, version=version, port=int(port) if port.isdecimal() else 0)
    try:
        written = texts(new)
    except (CatalogueError, LookupError, OSError, SyntaxError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    write_all(written)
    for path, text in written.items():
        click.echo(f"{path.relative_to(PROJECT)}: {gap_count(text)}")
    click.echo(
        f"Fill each {GAP}, then: make generate, make check, "
        ".venv/bin/python -m pytest tests/components tests/manifests tests/settings tests/rules tests/catalogue "
        "tests/local tests/synthetic tests/test_documentation.py, make mutate"
    )


if __name__ == "__main__":
    main()
