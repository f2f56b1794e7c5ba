"""Calling an address that somebody typed in, so that nothing of this network can be reached through us: the name is
resolved once, every address it has must be a public one, and the call goes to just that address, without redirects."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

TIMEOUT_S = 10.0
MOST_READ = 4_096
_SHARED = ipaddress.ip_network("100.64.0.0/10")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(WrongUsage):
    """An address that must not be called from here."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other side said: its status and the beginning of its body."""

    status: int
    said: str


def checked(url: str, *, loopback: bool) -> SplitResult:
    """An address that may be called, as far as its words tell. Raises: Forbidden."""
    try:
        found = urlsplit(url.strip())
        host, _port = found.hostname, found.port
    except ValueError:
        raise Forbidden(_("This is no web address"), where=url[:100]) from None
    if found.scheme not in ("https", "http") or not host or found.username or found.password or not url.isascii():
        raise Forbidden(
            _("A web address without a user's name is needed, as https://example.org/hook"), where=url[:100]
        )
    if found.scheme == "http" and not loopback:
        raise Forbidden(_("Only addresses with https are called"), where=url[:100])
    return found


def resolved(host: str, port: int, *, loopback: bool) -> str:
    """The address behind a name. Raises: Forbidden where any address it has is not public; OSError where it has none.

    loopback: this machine itself may be called, and nothing else that is not public.
    """
    found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for address in found:
        if not is_public(address) and not (loopback and ipaddress.ip_address(address).is_loopback):
            raise Forbidden(_("This address is not on the public internet, and is not called"), where=host)
    return min(found, key=lambda address: (":" in address, address))


def is_public(address: str) -> bool:
    """Is it an address of the public internet?

    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _TRANSLATED:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        else:
            teredo = found.teredo
            inside = (found.ipv4_mapped, found.sixtofour, teredo[1] if teredo else None)
            found = next((address for address in inside if address is not None), found)
    is_odd = found.is_multicast or found.is_reserved or found.is_unspecified
    return found.is_global and not is_odd and not (found.version == 4 and found in _SHARED)


def post(url: str, content: bytes, headers: Mapping[str, str], *, loopback: bool) -> Answered:
    """Call an address. A redirect is an answer like any other: it is not followed.

    Raises: Forbidden; OSError or http.client.HTTPException where nobody answers within TIMEOUT_S.
    """
    found = checked(url, loopback=loopback)
    host = found.hostname or ""
    port = found.port or (443 if found.scheme == "https" else 80)
    address = resolved(host, port, loopback=loopback)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    connection.sock = socket.create_connection((address, port), TIMEOUT_S)
    try:
        if found.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        path = (found.path or "/") + (f"?{found.query}" if found.query else "")
        named = f"[{host}]" if ":" in host else host
        own = named if port in (80, 443) else f"{named}:{port}"
        connection.request("POST", path, content, {**headers, "Host": own, "Connection": "close"})
        answer = connection.getresponse()
        return Answered(answer.status, answer.read(MOST_READ).decode("utf-8", "replace"))
    finally:
        connection.close()
