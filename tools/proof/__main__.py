"""Write the metric evidence and lists of exporter metrics: `python -m tools.proof`."""

import sys
import tempfile
from pathlib import Path

from catalogue import metric_evidence as outcome
from tools.checkout import Checkout
from tools.proof import lists
from tools.proof.cluster import deploy
from tools.proof.databases import missing
from tools.proof.proof import asked, scraping, wanted, write

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
