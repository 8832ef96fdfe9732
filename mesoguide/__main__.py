"""`python -m mesoguide` is the command `mesoguide`."""

from __future__ import annotations

import sys

from mesoguide.cli import main

sys.exit(main())
