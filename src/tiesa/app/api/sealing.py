"""Secrets that must be read again (a mailbox's password, what a webhook is signed with) are kept encrypted, so that a
copy of the database alone does not give them away. The key comes from the installation's secret key."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from tiesa.app.config.installation import installation
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _


class LostSecret(TiesaError):
    """A secret that was sealed with another secret key than the installation's."""


def sealed(secret: str) -> str:
    """The secret, encrypted and authenticated."""
    return _box().encrypt(secret.encode()).decode()


def opened(kept: str) -> str:
    """What was sealed. Raises: LostSecret where the installation's secret key is another one now.

    >>> from tiesa.app.config.installation import installation
    >>> opened(sealed("s3cret")) == "s3cret" and "s3cret" not in sealed("s3cret")
    True
    """
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise LostSecret(
            _("A secret that was kept cannot be read: the installation's secret key was changed"),
            remedy=_("Give the password or secret anew"),
        ) from error


def _box() -> Fernet:
    key = hashlib.sha256(b"tiesa sealed secrets\0" + installation().key().encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
