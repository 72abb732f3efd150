"""`python -m ktui` is `ktui`."""

import sys

from ktui.cli import main

sys.exit(main())
