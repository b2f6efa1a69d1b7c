"""Entry point of the policy pack, started by the engine; it serves until killed, so do not import it."""

import sys
from pathlib import Path

# The engine starts this file by itself: without the project's folder none of its modules would be found.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pulumi_policy import PolicyPack

from policy.pack import NAME, policies

PolicyPack(name=NAME, policies=policies())
