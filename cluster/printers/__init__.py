"""The rows and columns in which objects are shown: what `kubectl get` prints, for the app and for the API's Tables.

Objects come in, texts go out: `columns` and `row` for one kind, `table_text` for a whole table.
Invariant: a row has exactly one cell for every column of its kind, wide ones included, and depends on
nothing but the object and the `Now` it is given.
"""

from cluster.printers.column import Column
from cluster.printers.duration import duration
from cluster.printers.now import Now
from cluster.printers.registry import columns, row
from cluster.printers.table import table_text
from cluster.printers.tabs import align

__all__ = ["Column", "Now", "align", "columns", "duration", "row", "table_text"]
