"""A catalogue with one recording rule, one alert and one tunable, as text."""

from typing import Final

RULE_FILE: Final = """\
groups:
  - name: cache.memory
    interval: 1m
    rules:
      - record: instance:redis_memory:ratio
        expr: |
          redis_memory_used_bytes / (redis_memory_max_bytes > 0)
      - alert: CacheMemoryHigh
        expr: |
          instance:redis_memory:ratio
          > 0.90  # tunable: cache_memory_ratio
        for: 5m
        labels:
          severity: warning
          team: platform
          area: cache
        annotations:
          summary: The cache is nearly full.
          description: "{{ $labels.service }} uses {{ $value | humanizePercentage }}."
          impact: Keys are evicted.
          action: Add memory.
          runbook_url: runbooks/CacheMemoryHigh.md
          dashboard_url: d/bais-cache?viewPanel=memory
"""
TUNABLES_FILE: Final = """\
cache_memory_ratio:
  unit: ratio
  minimum: 0.5
  maximum: 1
  purpose: Share of the memory in use that is worth a warning.
"""
