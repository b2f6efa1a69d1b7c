"""Blackbox probes of external addresses."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import Signal
from dashboards.units import DAY, DAYS

_NAME: Final = "{{service}} {{instance}}"
_BY: Final = "by (service, instance)"

PROBED: Final = Signal(name=_NAME, unit=units.NoUnit, expression=f'min {_BY} (up{{endpoint="", service!=""}})')
SUCCESS: Final = Signal(name=_NAME, unit=units.NoUnit, expression=f"min {_BY} (probe_success)")
HTTP_STATUS: Final = Signal(name=_NAME, unit=units.NoUnit, expression=f"max {_BY} (probe_http_status_code)")
DURATION: Final = Signal(name=_NAME, unit=units.Seconds, expression=f"max {_BY} (probe_duration_seconds)")
DNS_LOOKUP: Final = Signal(name=_NAME, unit=units.Seconds, expression=f"max {_BY} (probe_dns_lookup_time_seconds)")
# In steps of ten minutes: the whole month for each point of a chart would take too long.
UPTIME: Final = Signal(
    name=_NAME,
    unit=units.PercentUnit,
    expression=f"min {_BY} (avg_over_time(avg_over_time(probe_success[10m])[30d:10m]))",
)
# As the objective counts it, over all addresses of a service.
AVAILABILITY: Final = Signal(
    name="lowest availability",
    unit=units.PercentUnit,
    expression='1 - max(service:slo_failures:ratio_rate30d{slo="availability"})',
)
CERTIFICATE_VALIDITY: Final = Signal(
    name=_NAME,
    unit=DAYS,
    # The chain that the probe verified; a probe without verification reports a time before 1970.
    expression=(
        f"(min {_BY} (\n  last_over_time(probe_ssl_last_chain_expiry_timestamp_seconds[1d]) > 0\n"
        f"  or last_over_time(probe_ssl_earliest_cert_expiry[1d])\n) - time()) / {DAY}"
    ),
)
