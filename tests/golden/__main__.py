"""Write the list of every stack's resources, and every board, anew: `python -m tests.golden`."""

from tests.golden import boards
from tests.golden.listing import listing, path_of
from tests.unit.program import STACKS

for stack in STACKS:
    path_of(stack).write_text(listing(stack))
boards.FOLDER.mkdir(exist_ok=True)
kept = boards.files()
for path in set(boards.FOLDER.iterdir()) - set(kept):
    path.unlink()
for path, text in kept.items():
    path.write_text(text, encoding="utf-8")
