"""What a password may not be, where the sentence of the package would hold a word of the database."""

from __future__ import annotations

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator

from tiesa.core.locale import _


class NotLikeThePerson(UserAttributeSimilarityValidator):
    """Not like one's own name or mail address."""

    def get_error_message(self) -> str:
        return _("The password is too much like your own name or mail address.")
