"""Ways to break any file: bytes flipped, cut, copied, spliced, recoded; and words no reader likes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

MOST = 2**20
"""No mutation lets a file grow beyond this; what is larger is built on purpose (see `bombs`)."""

WORDS = (
    "\0", "\ufeff", '"', "'", '""', '"\n', ",", ";", "\t", "|", "\r", "\n", "\r\n", "\\", "\x1a", "\x85", "\u2028",
    "\u202e",
    "\ud800", "\udcff", "\U0010ffff", "{", "}", "[", "]", "{source}", "<", ">", "&", "]]>", "<!--", "&#0;", "&#xD800;",
    "&a;",
    "null", "NaN", "Infinity", "-Infinity", "true", "1e400", "-1e400", "1e999999999999999999", "9" * 400, "-0", "0x10",
    "9223372036854775808", "-9223372036854775809", "1.7976931348623159e308", "12,5.0", "1 000", "1'000", "½", "٣",
    "1_000",
    "0000-00-00", "0001-01-01", "9999-12-31T23:59:59.999999999Z", "99999-01-01", "2025-02-30 25:61", "-4713-01-01",
    "292278994-08-17", "294248-01-01 00:00:00", "290000-12-31 BC", "infinity", "epoch", "2025-03-03T10:00:00+99:99",
    "31.12.25", "12/31/2025 11:59 PM", "1741000000", "1741000000000", "99999999999999999999", "24:00", "P1D",
    "@", "a@b", "@@", "x" * 300, "a\nb", "=1+1", "%s%n%d", "${a}", "'; drop table s; --", '"; select 1',
    "../../etc/passwd",
    "tiesa_row", "quarantine_row", "quarantine_reason", "customer", "occurred_at", "source", "position", "attributes",
    "contact.customer", "raw:contact.customer", "s", "staging", "problems", "file_row_number", "has_offset",
    "source_row",
)  # fmt: skip

NUMBERS = (
    "-1",
    "0",
    "1",
    "127",
    "128",
    "255",
    "256",
    "32768",
    "65536",
    "2147483648",
    "4294967296",
    "18446744073709551616",
)
ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "cp1250", "cp1251", "cp1257", "cp037", "utf-7", "shift_jis", "latin-1")
SUFFIXES = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".xes", ".xml", ".jsonocel", ".xlsx", ".xls", ".parquet", ".mbox", ".gz",
    ".csv.gz", ".zip", ".dat", "", ".pdf", ".CSV", ".",
)  # fmt: skip


def word(rng: Random) -> bytes:
    return rng.choice(WORDS).encode("utf-8", "surrogatepass")


def flip(data: bytes, rng: Random) -> bytes:
    made = bytearray(data)
    for _time in range(rng.choice((1, 1, 2, 8, 64))):
        place = rng.randrange(len(made))
        made[place] ^= 1 << rng.randrange(8)
    return bytes(made)


def overwrite(data: bytes, rng: Random) -> bytes:
    place, length = rng.randrange(len(data)), rng.choice((1, 4, 16, 256))
    filler = rng.choice((b"\0", b"\xff", rng.randbytes(1), b" ", b"\n")) * length
    return data[:place] + filler + data[place + length :]


def noise(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.randbytes(rng.choice((1, 3, 17, 200))) + data[place:]


def insert_word(data: bytes, rng: Random) -> bytes:
    for _time in range(rng.choice((1, 1, 3, 10))):
        place = rng.randrange(len(data) + 1)
        data = data[:place] + word(rng) + data[place:]
    return data


def truncate(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def behead(data: bytes, rng: Random) -> bytes:
    return data[rng.randrange(len(data)) :]


def delete_block(data: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 1 + max(1, len(data) // 4)) :]


def copy_block(data: bytes, rng: Random) -> bytes:
    start, length = rng.randrange(len(data)), rng.randrange(1, 1 + max(1, len(data) // 4))
    place = rng.randrange(len(data) + 1)
    times = rng.choice((1, 1, 2, 10, max(1, min(1_000, MOST // (4 * length)))))
    return data[:place] + data[start : start + length] * times + data[place:]


def swap_blocks(data: bytes, rng: Random) -> bytes:
    a, b, c = sorted(rng.randrange(len(data) + 1) for _cut in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def recode(data: bytes, rng: Random) -> bytes:
    text = data.decode(rng.choice(("utf-8", "latin-1")), "replace")
    return text.encode(rng.choice(ENCODINGS), "replace")


def recode_half(data: bytes, rng: Random) -> bytes:
    cut = rng.randrange(len(data) + 1)
    return data[:cut] + data[cut:].decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace")


def mark(data: bytes, rng: Random) -> bytes:
    return (
        rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b"\x1f\x8b", b"PK\x03\x04", b"PAR1"))
        + data
    )


def other_line_ends(data: bytes, rng: Random) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(
        b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\n\r", b"\x0b", b""))
    )


def replace_number(data: bytes, rng: Random) -> bytes:
    """One run of digits becomes another number: lengths, counts, dates, versions."""
    places = [n for n in range(len(data)) if 48 <= data[n] <= 57]
    if not places:
        return data
    start = end = rng.choice(places)
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    return data[:start] + rng.choice(NUMBERS).encode() + data[end:]


def shuffle_lines(data: bytes, rng: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def repeat(data: bytes, rng: Random) -> bytes:
    return data * min(rng.choice((2, 3, 50)), max(1, MOST // len(data)))


def nothing_but(data: bytes, rng: Random) -> bytes:
    """One piece of the file, again and again."""
    start = rng.randrange(len(data))
    piece = data[start : start + rng.choice((1, 2, 8, 40))]
    return piece * rng.choice((1, 100, 20_000))


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    flip, flip, overwrite, noise, insert_word, insert_word, truncate, behead, delete_block, copy_block, swap_blocks,
    recode,
    recode_half, mark, other_line_ends, replace_number, replace_number, shuffle_lines, repeat, nothing_but,
)  # fmt: skip


def mutate(data: bytes, rng: Random, *, times: int | None = None) -> tuple[bytes, list[str]]:
    """The data after some mutations, and their names."""
    how = []
    for _time in range(times or rng.choice((1, 1, 1, 2, 3, 5))):
        if not data:
            break
        mutation = rng.choice(MUTATIONS)
        data = mutation(data, rng)[: 2 * MOST]
        how.append(mutation.__name__)
    return data, how


def splice(data: bytes, other: bytes, rng: Random) -> bytes:
    """The start of one file and the end of another."""
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]
