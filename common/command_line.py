"""Command group that prints the errors a user can cause as one message."""

from __future__ import annotations

import sys
from typing import ClassVar

import click
from rich.console import Console


class CommandGroup(click.Group):
    """A group of commands; subclasses list in `errors` what is printed without a traceback, with exit code 1."""

    errors: ClassVar[tuple[type[Exception], ...]] = ()

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; print an expected error without a traceback."""
        try:
            return super().invoke(ctx)
        except self.errors as error:
            Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(str(error))
            sys.exit(1)
