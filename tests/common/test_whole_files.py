from pathlib import Path

import pytest

from common.whole_files import write_all


def test_all_files_are_written_with_their_folders(tmp_path: Path) -> None:
    files = {tmp_path / "a.txt": "a", tmp_path / "new" / "b.txt": "b"}
    write_all(files)
    assert {path: path.read_text() for path in tmp_path.rglob("*.txt")} == files


def test_if_one_file_cannot_be_written_no_file_changes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("before")
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OSError, match="file"):
        write_all({tmp_path / "a.txt": "after", tmp_path / "file" / "b.txt": "b"})
    assert (tmp_path / "a.txt").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "file"]
