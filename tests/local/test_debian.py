"""Lookup of Debian programs: installed, downloaded, or unavailable."""

from pathlib import Path

import pytest

from local.tools import debian
from local.tools.debian import UnavailableError, library_environment, program


@pytest.fixture
def path_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PATH folder of a machine with no other programs and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(debian, "INSTALL_FOLDERS", ("no-such-folder/*",))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def script(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_a_program_on_path_is_used(path_folder: Path) -> None:
    script(path_folder, "redis-server", "")
    assert program("redis-server", "redis-server") == path_folder / "redis-server"
    assert library_environment(path_folder / "redis-server") == {}


def test_without_apt_the_error_names_the_reason(path_folder: Path) -> None:
    with pytest.raises(UnavailableError, match="redis-server: not installed, and apt-get or dpkg-deb is not on PATH"):
        program("redis-server", "redis-server")
    assert list(path_folder.iterdir()) == []


def test_an_error_of_apt_is_reported(path_folder: Path) -> None:
    script(path_folder, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    script(path_folder, "dpkg-deb", "")
    with pytest.raises(UnavailableError, match="`apt-get --simulate install` failed: E: Unable to locate package"):
        program("redis-server", "redis-server")


def test_a_downloaded_package_is_unpacked_once_with_its_libraries(path_folder: Path) -> None:
    script(
        path_folder,
        "apt-get",
        f"echo $1 >> {path_folder}/calls\n"
        'case $1 in --simulate) echo "Inst libone (1)"; echo "Inst redis-server (2)";; *) : > one.deb;; esac',
    )
    script(
        path_folder,
        "dpkg-deb",
        "/bin/mkdir -p $3/usr/bin $3/usr/lib; : > $3/usr/lib/libone.so.1; : > $3/usr/bin/redis-server",
    )
    for _ in range(2):
        found = program("redis-server", "redis-server")
    assert found.is_file()
    assert library_environment(found) == {"LD_LIBRARY_PATH": str(found.parents[1] / "lib")}
    assert (path_folder / "calls").read_text().split() == ["--simulate", "download"]


def test_a_package_without_the_program_is_an_error(path_folder: Path) -> None:
    script(path_folder, "apt-get", 'case $1 in --simulate) echo "Inst redis-server (2)";; *) : > one.deb;; esac')
    script(path_folder, "dpkg-deb", "/bin/mkdir -p $3/usr/bin")
    with pytest.raises(UnavailableError, match="redis-server is not in the Debian package redis-server"):
        program("redis-server", "redis-server")
