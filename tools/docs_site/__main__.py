"""Command that builds the documentation site: `python -m tools.docs_site`."""

import sys

from local.environment import STATE
from tools.docs_site.build import SiteError, build_site

try:
    print(f"built: {build_site(STATE / 'site') / 'index.html'}")
except SiteError as error:
    sys.exit(str(error))
