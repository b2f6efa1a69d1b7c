"""Command that writes metric evidence and exporter lists.

Usage: `python -m tools.proof`.
"""

import sys
import tempfile
from pathlib import Path

from catalogue import metric_evidence
from tools.checkout import Checkout
from tools.proof import lists
from tools.proof.cluster import deploy
from tools.proof.databases import unavailable_databases
from tools.proof.proof import provable_reads, query_findings, scraping, write_evidence

if unavailable := unavailable_databases():
    sys.exit("\n".join(unavailable.values()))
with tempfile.TemporaryDirectory(prefix="proof-") as folder:
    checkout = Checkout(Path(folder) / "checkout")
    try:
        deploy(checkout, None)
        with scraping(checkout, Path(folder)) as stored:
            findings = query_findings(stored, provable_reads())
            lists.write_lists(stored)
    finally:
        checkout.control_plane.stop()
write_evidence(findings)
unproven = [finding for finding in findings if not finding.proven and not finding.listed]
print("\n".join(map(str, [*unproven, metric_evidence.summarize(metric_evidence.load())])))
sys.exit(1 if unproven else 0)
