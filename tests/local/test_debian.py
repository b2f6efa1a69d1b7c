"""A package's program is found where it is installed, unpacked where apt can fetch it, and else it is told why not."""

from pathlib import Path

import pytest

from local.tools import debian
from local.tools.debian import UnavailableError, library_environment, program


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing installed but what this folder holds, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(debian, "INSTALL_FOLDERS", ("no-such-folder/*",))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def script(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_what_is_on_path_is_used(alone: Path) -> None:
    script(alone, "redis-server", "")
    assert program("redis-server", "redis-server") == alone / "redis-server"
    assert library_environment(alone / "redis-server") == {}


def test_without_apt_the_reason_is_told(alone: Path) -> None:
    with pytest.raises(UnavailableError, match="redis-server: not installed, and this machine has no apt-get"):
        program("redis-server", "redis-server")
    assert list(alone.iterdir()) == []


def test_what_apt_refuses_is_told(alone: Path) -> None:
    script(alone, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    script(alone, "dpkg-deb", "")
    with pytest.raises(UnavailableError, match="`apt-get --simulate install` fails: E: Unable to locate package"):
        program("redis-server", "redis-server")


def test_what_apt_fetches_is_unpacked_with_its_libraries_and_once(alone: Path) -> None:
    script(
        alone,
        "apt-get",
        f"echo $1 >> {alone}/calls\n"
        'case $1 in --simulate) echo "Inst libone (1)"; echo "Inst redis-server (2)";; *) : > one.deb;; esac',
    )
    script(
        alone,
        "dpkg-deb",
        "/bin/mkdir -p $3/usr/bin $3/usr/lib; : > $3/usr/lib/libone.so.1; : > $3/usr/bin/redis-server",
    )
    for _ in range(2):
        found = program("redis-server", "redis-server")
    assert found.is_file()
    assert library_environment(found) == {"LD_LIBRARY_PATH": str(found.parents[1] / "lib")}
    assert (alone / "calls").read_text().split() == ["--simulate", "download"]


def test_a_package_without_the_program_is_told(alone: Path) -> None:
    script(alone, "apt-get", 'case $1 in --simulate) echo "Inst redis-server (2)";; *) : > one.deb;; esac')
    script(alone, "dpkg-deb", "/bin/mkdir -p $3/usr/bin")
    with pytest.raises(UnavailableError, match="redis-server is not in the Debian package redis-server"):
        program("redis-server", "redis-server")
