"""Command that writes the golden files: `python -m tools.golden`."""

from tools.golden import boards
from tools.golden.listing import listing_path, render_listing
from tools.mocked_program import STACKS

for stack in STACKS:
    listing_path(stack).write_text(render_listing(stack))
boards.FOLDER.mkdir(exist_ok=True)
current = boards.board_files()
for path in set(boards.FOLDER.iterdir()) - set(current):
    path.unlink()
for path, text in current.items():
    path.write_text(text, encoding="utf-8")
