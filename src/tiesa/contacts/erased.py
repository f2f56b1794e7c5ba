"""What stands in place of an erased id: its keyed hash, which tells the same id again and nothing else.

HMAC-SHA-256 (RFC 2104, FIPS 198-1) with the home's secret over source and id. A file that is sent again meets the
number it had; without the secret nobody can find the id by trying all of them.
"""

from __future__ import annotations

import hashlib
import hmac

from tiesa.engines.duckdb import literal

ERASED = "erased"
"""Partition of the private tables that holds what stands in place of erased ids."""
PREFIX = "erased:"
"""How an id begins that is no id any more."""
_BLOCK = 64
_BETWEEN = "\x1f"


def keyed(salt: str, source: str, identifier: str) -> str:
    """What stands in place of an erased id.

    >>> keyed("secret", "desk", "person 3")[:20]
    'erased:b06ead8361f3a'
    """
    text = f"{source}{_BETWEEN}{identifier}".encode()
    return PREFIX + hmac.new(salt.encode(), text, hashlib.sha256).hexdigest()


def keyed_sql(salt: str, source: str, identifier: str) -> str:
    """SQL of the same (source, identifier: SQL expressions): DuckDB has the hash, not the HMAC."""
    key = salt.encode()
    key = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (_blob(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))
    text = f"encode({source} || chr({ord(_BETWEEN)}) || {identifier})"
    return f"({literal(PREFIX)} || sha256({outer} || unhex(sha256({inner} || {text}))))"


def _blob(content: bytes) -> str:
    return "'" + "".join(f"\\x{byte:02x}" for byte in content) + "'::blob"
