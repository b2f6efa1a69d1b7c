"""Loading of YAML data files into typed values."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from common.problems import CatalogueError, Problem

Content = TypeVar("Content")


def load_yaml(path: Path, adapter: TypeAdapter[Content]) -> Content:
    """Load a YAML file and validate its content.

    Raises:
        CatalogueError: with every problem in it.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise CatalogueError([Problem(path.name, " ".join(str(error).split()), "valid YAML")]) from None
    return validate(path.name, content, adapter)


def validate(name: str, content: object, adapter: TypeAdapter[Content]) -> Content:
    """Validate the content of a file; `name` is the file name for problems.

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
