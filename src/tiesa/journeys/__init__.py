"""Contacts become journeys: the rules, and the kernel that is their one definition.

This room knows how contacts hang together and whose turn it is; it may import `core`, `engines` and `contacts`.
"""

from tiesa.journeys.channels import Channel, ChannelMode
from tiesa.journeys.kernel import annotate, sort_order, warm_up, whole_customers
from tiesa.journeys.rules import JourneyType, Rules, Windows, read_rules, read_rules_file

__all__ = [
    "Channel",
    "ChannelMode",
    "JourneyType",
    "Rules",
    "Windows",
    "annotate",
    "read_rules",
    "read_rules_file",
    "sort_order",
    "warm_up",
    "whole_customers",
]
