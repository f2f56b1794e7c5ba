"""Channels: which are conversations and which are messages, by the names they usually have in six languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class ChannelMode(StrEnum):
    """Live: question and answer in one contact. Delayed: the answer comes later, if it comes."""

    LIVE = "live"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel behaves. `reply_hours`: standard reply time in business hours; None where nobody waits."""

    mode: ChannelMode = ChannelMode.DELAYED
    reply_hours: float | None = 8.0


_LIVE = Channel(ChannelMode.LIVE, None)
_USUAL_CHANNELS: tuple[tuple[Channel, str], ...] = (
    (
        _LIVE,  # by telephone or picture
        "phone, phone call, telephone, call, call center, call centre, hotline, voice, video, video call, callback, "
        "telefon, poziv, telefonski poziv, pozivni centar, video poziv, телефон, позив, телефонски позив, видео позив, "
        "telefonas, skambutis, telefono skambutis, vaizdo skambutis, telefonu, звонок, телефонный звонок, zvonok, "
        "видеозвонок, колл-центр, klic, telefonski klic, videoklic, video klic, klicni center, apel, apel telefonic, "
        "telefonic, apel video, centru de apel",
    ),
    (
        _LIVE,  # face to face
        "visit, branch, desk, counter, office, shop, store, meeting, in person, face to face, appointment, "
        "poseta, filijala, ekspozitura, poslovnica, šalter, prodavnica, sastanak, lično, "
        "посета, филијала, експозитура, пословница, шалтер, продавница, састанак, лично, "
        "vizitas, apsilankymas, filialas, skyrius, parduotuvė, susitikimas, gyvai, "
        "визит, посещение, филиал, отделение, офис, магазин, встреча, "
        "obisk, podružnica, okence, trgovina, sestanek, osebno, "
        "vizită, vizita, sucursală, sucursala, filială, ghișeu, ghiseu, magazin, "
        "întâlnire, intalnire, personal",
    ),
    (
        Channel(reply_hours=8.0),  # written
        "email, e-mail, mail, web, web form, webform, form, contact form, portal, website, ticket, helpdesk, "
        "imejl, e-pošta, elektronska pošta, veb forma, obrazac, имејл, електронска пошта, веб форма, образац, "
        "el. paštas, el paštas, elektroninis paštas, forma, svetainė, svetainės forma, эл. почта, электронная почта, "
        "почта, емейл, форма, сайт, spletni obrazec, obrazec, splet, poștă electronică, formular, formular web, site",
    ),
    (
        Channel(reply_hours=40.0),  # on paper
        "letter, post, fax, pismo, pošta, писмо, пошта, факс, laiškas, paštas, faksas, письмо, scrisoare, poștă, posta",
    ),
    (
        Channel(reply_hours=1.0),  # short
        "chat, live chat, messenger, whatsapp, viber, telegram, app, mobile app, in-app, sms, text message, "
        "ćaskanje, čet, aplikacija, poruka, ћаскање, чет, апликација, порука, смс, pokalbis, pokalbiai, programėlė, "
        "žinutė, чат, приложение, мобильное приложение, сообщение, klepet, mobilna aplikacija, sporočilo, "
        "aplicație, aplicatie, aplicație mobilă, mesaj",
    ),
    (
        Channel(reply_hours=4.0),  # in public
        "social, social media, facebook, instagram, twitter, x, linkedin, review, forum, "
        "društvene mreže, друштвене мреже, socialiniai tinklai, соцсети, социальные сети, družbena omrežja, "
        "rețele sociale, retele sociale",
    ),
)


def plain_name(channel: str) -> str:
    """The name without its case, its hyphens and its spaces too many."""
    return re.sub(r"[\s_-]+", " ", channel.casefold()).strip()


USUAL_CHANNELS: Mapping[str, Channel] = {
    plain_name(name): channel for channel, names in _USUAL_CHANNELS for name in names.split(",")
}
"""What channels are usually called, in six languages, and how they behave. A name that is not here is delayed."""


def bare_name(channel: str) -> str:
    """The name without its case, its hyphens and its spaces: E-Mail is email."""
    return plain_name(channel).replace(" ", "")


def one_spelling(channels: Iterable[str]) -> dict[str, str]:
    """Channel -> the first of those that are written alike but for case, hyphens and spaces.

    >>> one_spelling(["email", "phone", "E-Mail"])
    {'email': 'email', 'phone': 'phone', 'E-Mail': 'email'}
    """
    first: dict[str, str] = {}
    return {channel: first.setdefault(bare_name(channel), channel) for channel in channels}
