"""Forms about people; labels stand in the pages, so that they speak our words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from tiesa.app.people.models import Person, Unit
from tiesa.app.people.roles import Role


class PlaceForm(forms.Form):
    """A role and where it holds."""

    role = forms.ChoiceField(choices=[(role.value, role.value) for role in Role])
    unit = forms.ModelChoiceField(Unit.objects.all(), required=False)
    process = forms.CharField(max_length=200, required=False)

    def place(self) -> dict[str, Any]:
        """As the use cases take it."""
        data = self.cleaned_data
        return {"role": Role(data["role"]), "unit": data["unit"], "process": data["process"].strip()}


class InviteForm(PlaceForm):
    """Whom to invite."""

    email = forms.EmailField(required=False, max_length=254)
    by_mail = forms.BooleanField(required=False)


class JoinForm(forms.Form):
    """Who takes up an invitation; the address is asked for only where the invitation names none."""

    email = forms.EmailField(max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput())

    def __init__(self, *arguments: Any, address: str = "", **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.address = address
        if address:
            del self.fields["email"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        address = self.address or self.cleaned_data.get("email", "")
        validate_password(password, Person(email=address, name=self.cleaned_data.get("name", "")))
        return password


class SelfForm(forms.Form):
    """What everybody may change of themselves."""

    name = forms.CharField(max_length=120)
    language = forms.CharField(max_length=10, required=False)


class PersonForm(forms.Form):
    """What an administrator sets."""

    name = forms.CharField(max_length=120)
    employee = forms.CharField(max_length=120, required=False)
