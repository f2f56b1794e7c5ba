"""What privacy pages call things."""

from __future__ import annotations

from tiesa.core.locale import _
from tiesa.upkeep.privacy_rules import Basis, Kind, kind_words


def basis_words(basis: Basis) -> str:
    """A legal basis, as people of the field say it."""
    return {
        Basis.CONSENT: _("consent"),
        Basis.CONTRACT: _("contract"),
        Basis.LEGAL_OBLIGATION: _("legal obligation"),
        Basis.VITAL_INTERESTS: _("vital interests"),
        Basis.PUBLIC_TASK: _("public task"),
        Basis.LEGITIMATE_INTEREST: _("legitimate interest"),
    }[basis]


def count_words(table: str) -> str:
    """What was exported, removed or deleted, by the name of its table or kind."""
    if table in set(Kind):
        return kind_words(Kind(table))
    plain, _earlier, _rest = table.partition("_earlier")
    words = {
        "identities": _("names and addresses"),
        "ids": _("ids"),
        "pseudonyms": _("ids"),
        "texts": _("texts"),
        "customers": _("what is known of the customer"),
        "outcomes": _("outcomes"),
        "invitations": _("invitations to surveys"),
        "facts": _("facts given or asked"),
        "consents": _("consents and objections"),
        "seens": _("who opened what they sent"),
        "journeys": _("journeys"),
        "rows_set_aside": _("rows set aside"),
        "application_database": _("the application's database"),
        "database": _("the application's database"),
    }.get(plain, plain)
    return _("{what}, earlier versions").format(what=words) if table.endswith("_earlier") else words
