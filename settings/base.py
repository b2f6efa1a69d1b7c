"""Base class of the settings, and the validator of their lists."""

from typing import Final

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from settings.validators import invalid_value


class SettingsModel(BaseModel):
    """A mapping of a stack file: camelCase keys, frozen, without unknown keys or type conversion."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_default=False,
    )


# The rules name every item of some lists in one expression.
_MOST_ITEMS: Final = 200


def _list_to_tuple(value: object) -> object:
    if not isinstance(value, list) or len(value) > _MOST_ITEMS:
        raise invalid_value(f"a list of mappings, at most {_MOST_ITEMS}")
    return tuple(value)


# For a list of mappings: a tuple, because settings are immutable.
AS_TUPLE: Final = BeforeValidator(_list_to_tuple)
