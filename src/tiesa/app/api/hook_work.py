"""What is done with webhooks: making, closing, a new secret, sending once more."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tiesa.app.api import calling, deliveries
from tiesa.app.api.models import Batch, Delivery, Hook, Inlet, new_secret, sealed
from tiesa.app.config.installation import installation
from tiesa.app.people.audit import record
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _


@transaction.atomic
def make_hook(*, name: str, url: str, events: list[str], by: Any) -> tuple[Hook, str]:
    """Make a webhook that is called when something happens; returns it and its secret, shown only now.

    Raises: WrongUsage (Forbidden) for an address that must not be called.
    """
    chosen = [event for event in deliveries.events() if event in events]
    if not name.strip() or not chosen:
        raise WrongUsage(_("A webhook needs a name and at least one event"))
    if len(url) > 500:
        raise calling.Forbidden(_("This is no web address"))
    found = calling.checked(url, loopback=installation().hooks_loopback)
    try:
        calling.resolved(found.hostname or "", found.port or 443, loopback=installation().hooks_loopback)
    except OSError:
        raise calling.Forbidden(_("There is no such host"), where=found.hostname or "") from None
    secret = new_secret()
    hook = Hook.objects.create(name=name.strip()[:120], url=url.strip(), events=chosen, sealed_secret=sealed(secret))
    record(by, "hook.make", about=f"hook {hook.pk}", events=chosen, host=found.hostname)
    return hook, secret


@transaction.atomic
def make_inlet(*, name: str, shape: str, source: str, secret: str, by: Any) -> tuple[Inlet, str]:
    """Make an address that another system calls; returns it and the secret to share, given by that system or new."""
    if not name.strip() or shape not in Inlet.SHAPES:
        raise WrongUsage(_("A webhook needs a name and a kind"))
    shared = secret.strip() or new_secret()
    inlet = Inlet.objects.create(
        name=name.strip()[:120],
        shape=shape,
        source=(source.strip() or ("api" if shape == "generic" else shape))[:60],
        sealed_secret=sealed(shared),
    )
    record(by, "inlet.make", about=f"inlet {inlet.pk}", shape=shape, source=inlet.source)
    return inlet, shared


@transaction.atomic
def set_open(kept: Hook | Inlet, is_open: bool, *, by: Any) -> None:
    """Open or close a webhook; closing can be taken back."""
    kept.is_open = is_open
    kept.save(update_fields=["is_open"])
    what = kept._meta.model_name
    record(by, f"{what}.{'open' if is_open else 'close'}", about=f"{what} {kept.pk}")


@transaction.atomic
def batch_again(batch: Batch, *, by: Any) -> None:
    """Take a batch that the log refused once more: what was wrong (a full disk, a damaged home) may be mended."""
    Batch.objects.filter(pk=batch.pk).update(state=Batch.OPEN, error="")
    record(by, "batch.again", about=f"batch {batch.pk}", rows=batch.rows)


@transaction.atomic
def send_again(delivery: Delivery, *, by: Any) -> Delivery:
    """Send a call once more."""
    made = deliveries.replay(delivery)
    record(by, "delivery.replay", about=f"delivery {delivery.pk}", hook=delivery.hook_id)
    return made
