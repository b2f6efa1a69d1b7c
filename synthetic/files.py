"""Read a data file into typed values, with every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from common.problems import CatalogueError, Problem

Content = TypeVar("Content")


def load_yaml(path: Path, adapter: TypeAdapter[Content]) -> Content:
    """Return what a YAML file holds.

    Raises:
        CatalogueError: with every problem in it.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise CatalogueError([Problem(path.name, " ".join(str(error).split()), "YAML")]) from None
    return validate(path.name, content, adapter)


def validate(name: str, content: object, adapter: TypeAdapter[Content]) -> Content:
    """Return the content of a file of this name as what it should be.

    Raises:
        CatalogueError: with every problem in it.
    """
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise CatalogueError(
            Problem(
                f"{name}: {'.'.join(map(str, each['loc']))}",
                repr(each["input"])[:60],
                each["msg"].removeprefix("Value error, "),
            )
            for each in error.errors()
        ) from None
