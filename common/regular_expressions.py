"""Regular expressions as Prometheus and Alertmanager read them: RE2 syntax."""

from typing import Final

import re2  # type: ignore[import-untyped]

# Far more than any sensible expression, and below the limits on nesting of Go's package regexp.
LONGEST: Final = 1024

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False  # Otherwise each invalid expression is also printed.


def is_regular_expression(text: str) -> bool:
    """Return whether a string is a valid expression of at most LONGEST characters, and not empty."""
    # Of the C++ library's syntax, Go lacks only this escape, a single byte.
    if not 0 < len(text) <= LONGEST or r"\C" in text.replace(r"\\", ""):
        return False
    try:
        re2.compile(text, _OPTIONS)
    except (re2.error, UnicodeEncodeError):  # A lone surrogate is not text.
        return False
    return True
