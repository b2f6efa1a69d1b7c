"""Write rules/proof.json and some lists of tests/rules/exporter_metrics anew: `python -m tests.proof`."""

import sys
import tempfile
from pathlib import Path

from rules import proof as outcome
from tests.engine.checkout import Checkout
from tests.proof import lists
from tests.proof.cluster import deploy
from tests.proof.databases import missing
from tests.proof.proof import asked, scraping, wanted, write

if found := missing():
    sys.exit("\n".join(found.values()))
with tempfile.TemporaryDirectory(prefix="proof-") as folder:
    checkout = Checkout(Path(folder) / "checkout")
    try:
        deploy(checkout, None)
        with scraping(checkout, Path(folder)) as stored:
            findings = asked(stored, wanted())
            lists.write(stored)
    finally:
        checkout.control_plane.stop()
write(findings)
unproven = [finding for finding in findings if not finding.proven and not finding.listed]
print("\n".join(map(str, [*unproven, outcome.summary(outcome.load())])))
sys.exit(1 if unproven else 0)
