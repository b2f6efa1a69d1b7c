"""Which environment a resource belongs to, and what that may be excused from."""

from typing import Final

# An environment that is not named here is judged as production is: a new one cannot be forgotten, only excused.
NOT_PRODUCTION: Final = ("local", "staging")


def is_production(environment: str) -> bool:
    """Whether people depend on this environment; so they do on one that nobody excused."""
    return environment not in NOT_PRODUCTION


def environment_of(urn: str) -> str:
    """The stack in a resource's URN, which is the environment's name: a test holds every stack file to that.

    The engine hands a stack's settings to a pack too, but the Python SDK of packs keeps only the stack's tags.
    """
    return urn.partition("::")[0].rpartition(":")[2]
