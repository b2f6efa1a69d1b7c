import re
from typing import Final

import pytest

from tests.guides.scratch_copy import named_in

GUIDE: Final = """\
# Add an alert of `catalogue/model.py`

1. `rules/<area>.yaml`, see `rules/README.md`; `<name>` or `d/<board>?viewPanel=<slug>`.
2. `tests/golden/*.txt`, `local/charts/<chart>/`, all in `dashboards/rendering/`.
"""


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("rules/cache.yaml", True),
        ("rules/README.md", True),
        ("tests/golden/prod.txt", True),
        ("local/charts/memcached/templates/pod.yaml", True),
        ("catalogue/model.py", False),
        ("rules/api.yaml", False),
        ("rules/cache/other.yaml", False),
        ("tests/golden/boards/bais-api.json", False),
        ("dashboards/rendering/style.py", False),
        ("CHANGELOG.md", False),
        ("Makefile", False),
    ],
)
def test_a_guide_names_exactly_the_paths_in_its_steps(path: str, named: bool) -> None:
    assert any(re.fullmatch(each, path) for each in named_in(GUIDE, {"area": "cache"})) == named


def test_a_guide_without_steps_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no step 1"):
        named_in("# Add an alert\n", {})
