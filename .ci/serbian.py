"""Serbian from Latin into Cyrillic, letter by letter; what is no Serbian word (names, code, placeholders) stays."""

from __future__ import annotations

import re

_LETTERS = {
    "a": "а", "b": "б", "v": "в", "g": "г", "d": "д", "đ": "ђ", "e": "е", "ž": "ж", "z": "з", "i": "и", "j": "ј",
    "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "r": "р", "s": "с", "t": "т", "ć": "ћ", "u": "у",
    "f": "ф", "h": "х", "c": "ц", "č": "ч", "š": "ш",
}  # fmt: skip
_PAIRS = {"lj": "љ", "nj": "њ", "dž": "џ"}
LATIN_WORDS = (
    "Tiesa", "tiesa", "CSV", "csv", "XLSX", "TSV", "JSON Lines", "JSON", "JSONL", "NDJSON", "Parquet", "parquet",
    "XES", "OCEL", "TOML", "HTML", "PDF", "SVG", "PNG", "ZIP", "SQL", "SQLite", "PostgreSQL", "UTC", "ISO", "API",
    "URL", "HTTP", "HTTPS", "IMAP", "SMTP", "HMAC", "TOTP", "OIDC", "CX", "Excel", "mbox", "maildir", "gzip",
    "gz", "zip", "DuckDB", "Delta", "Arrow", "pandas", "Polars", "PM4Py", "Ctrl+C", "Ctrl", "Ctrl K", "Chatwoot",
    "Zendesk", "CloudEvents", "webhook", "n", "UTF-8", "BOM", "ID", "IP", "QR", "AIPW", "NPS", "Serbia",
    "OpenID Connect", "OpenAPI", "Apache", "TLS", "STARTTLS", "RFC", "GB", "SHA256", "t=SECONDS,v1=HEX",
    "BPI Challenge", "Retry-After", "problem details", "Authorization", "Bearer", "tsa_…", "ce-", "/bulk", "/srv/calls",
    "@example.org", "730 d", "for good", "rules/", "true", "=true", "Segment `", "Prometheus", "DPIA", "Django",
    "180d", "left", "dormant",
    "contact", "customer", "outcome", "emotion", "build", "join", "answer", "import, build, read, filter, update, sort",
)  # fmt: skip
"""What stands in Latin letters in Cyrillic text as well."""
_FILES = "toml|csv|xlsx|parquet|html|pdf|svg|png|jsonl?|eml|mbox"
_WORDS = "|".join(sorted(map(re.escape, LATIN_WORDS), key=len, reverse=True))
_KEPT = re.compile(
    rf"(`[^`]*`|\{{[^}}]*\}}|%\([^)]*\)[sdr]|</?[a-z][^>]*>|https?://\S+|~/[\w./-]+|(?<!\w)(?:{_WORDS})(?!\w)"
    rf"|(?<!\w)--?[a-z][\w-]*|\b[\w.-]+\.(?:{_FILES})\b|\.(?:{_FILES})\b|\b\w+_\w+\b"
    r"|\b[A-Z]{2,}\b|\b\w*[qwxyQWXY]\w*\b|\b[A-Z_]{2,}=\w+)"
)


def cyrillic(text: str) -> str:
    """The text in Cyrillic.

    >>> cyrillic("Ljubica, {n} čeka na odgovor u `tiesa serve`; Njegoš i Džep, CSV")
    'Љубица, {n} чека на одговор у `tiesa serve`; Његош и Џеп, CSV'
    """
    parts = _KEPT.split(text)
    return "".join(part if place % 2 else _letters(part) for place, part in enumerate(parts))


def _letters(text: str) -> str:
    made, place = [], 0
    while place < len(text):
        pair = text[place : place + 2]
        letter = _PAIRS.get(pair.lower())
        step = 2 if letter else 1
        found = letter or _LETTERS.get(text[place].lower(), text[place])
        made.append(found.upper() if text[place].isupper() else found)
        place += step
    return "".join(made)
