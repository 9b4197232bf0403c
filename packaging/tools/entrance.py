"""What the executable runs first."""

from __future__ import annotations

import sys

from radrecon.__main__ import main

sys.exit(main())
