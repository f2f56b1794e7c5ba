"""The one router on which every operation stands: an address with two methods must be one view."""

from ninja import Router

router = Router()
