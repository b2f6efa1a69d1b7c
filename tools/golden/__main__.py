"""Write the list of every stack's resources, and every board, anew: `python -m tools.golden`."""

from tools.golden import boards
from tools.golden.listing import listing, path_of
from tools.mocked_program import STACKS

for stack in STACKS:
    path_of(stack).write_text(listing(stack))
boards.FOLDER.mkdir(exist_ok=True)
kept = boards.files()
for path in set(boards.FOLDER.iterdir()) - set(kept):
    path.unlink()
for path, text in kept.items():
    path.write_text(text, encoding="utf-8")
