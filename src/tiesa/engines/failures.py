"""What can go wrong around the data: full disk, memory used up, a file server that went away."""

from __future__ import annotations

import pyarrow as pa

from tiesa.core.errors import LostRace


def passing_failures() -> tuple[type[Exception], ...]:
    """Exceptions that say nothing against the file under way: the same work may succeed later.

    >>> issubclass(PermissionError, passing_failures())
    True
    """
    import duckdb
    from deltalake.exceptions import DeltaError

    return (LostRace, OSError, MemoryError, pa.ArrowException, duckdb.Error, DeltaError)
