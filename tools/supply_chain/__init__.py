"""Supply chain: lock files of packages, charts and images, their audit, and the bill of materials."""
