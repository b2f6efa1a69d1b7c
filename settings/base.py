"""What every mapping in a stack file, and every list of them, has in common."""

from typing import Final

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from settings.fields import refuse


class SettingsModel(BaseModel):
    """A mapping in a stack file: camelCase keys, nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_default=False,
    )


def _items(value: object) -> object:
    if not isinstance(value, list):
        raise refuse("a list of mappings")
    return tuple(value)


# A list of sections, kept as a tuple: settings do not change.
AS_TUPLE: Final = BeforeValidator(_items)
