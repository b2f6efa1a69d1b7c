"""Write the list of every stack's resources anew: `python -m tests.golden`."""

from tests.golden.listing import listing, path_of
from tests.unit.program import STACKS

for stack in STACKS:
    path_of(stack).write_text(listing(stack))
