"""Settings of a stack that a branch changes, from its stack file in Git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from common.yaml_files import InvalidFileError, parse_yaml, read_text
from operations.preview_summary.differences import ENCRYPTED, Difference, differences
from operations.preview_summary.model import PreviewError
from settings.credentials import CREDENTIALS, GRAFANA_OAUTH_CLIENT_SECRET, TEAM_ROUTING_KEYS

_TIMEOUT_SECONDS: Final = 30
_CREDENTIALS: Final = {*(each.key for each in (*CREDENTIALS, GRAFANA_OAUTH_CLIENT_SECRET)), TEAM_ROUTING_KEYS}


def setting_changes(stack: str, base: str, project: Path) -> list[Difference]:
    """Return the settings of a stack that differ from those in the commit `base`; names without `monitoring:`.

    Raises:
        PreviewError: Git does not know the commit, or a file is not valid YAML.
    """
    name = f"Pulumi.{stack}.yaml"
    if _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}") is None:
        raise PreviewError(f"BASE: found {base}; allowed: a commit that Git knows here, such as origin/main")
    earlier = _git(project, "show", f"{base}:./{name}")
    path = project / name
    try:
        current = parse_yaml(read_text(path)) if path.exists() else None
        return list(differences(_config(parse_yaml(earlier) if earlier else None), _config(current)))
    except InvalidFileError as error:
        raise PreviewError(f"{name}: {error}") from None


def _config(content: Any) -> dict[str, Any]:
    config = content.get("config") if isinstance(content, Mapping) else None
    named = {str(key).removeprefix("monitoring:"): each for key, each in (config or {}).items()}
    # A credential is hidden even where it is not encrypted, which the preview refuses.
    return {key: {ENCRYPTED: each} if key in _CREDENTIALS else each for key, each in named.items()}


def _git(project: Path, *arguments: str) -> str | None:
    """Return the output of Git; None if it fails."""
    result = subprocess.run(
        ["git", "-C", str(project), *arguments], capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS
    )
    return None if result.returncode else result.stdout
