"""The real kubectl, to compare with: it reads and prints YAML without a cluster."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl") or ""


def run(text: str, output: str) -> str:
    """What `kubectl label --local` makes of a document, as `json` or `yaml`; the label x=y is added."""
    command = [KUBECTL, "label", "--local", "--overwrite", "-f", "-", "x=y", "-o", output]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=30).stdout


def data(text: str) -> Any:
    """A document as kubectl reads it."""
    return json.loads(run(text, "json"))
