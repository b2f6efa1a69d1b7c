"""Environment of a resource, and environments with relaxed requirements."""

from typing import Final

# Every other environment has the requirements of production, including new ones.
NOT_PRODUCTION: Final = ("local", "staging")


def is_production(environment: str) -> bool:
    """Return whether an environment has the requirements of production."""
    return environment not in NOT_PRODUCTION


def environment_of(urn: str) -> str:
    """Return the stack in a resource's URN, which is the environment's name (a test checks the stack files).

    The engine also passes a stack's settings to a pack, but the Python SDK exposes only the stack's tags.
    """
    return urn.partition("::")[0].rpartition(":")[2]
