from typing import Any

from django.db import migrations

from tiesa.app.people.sealing import seal_table, unseal_table


def forwards(apps: Any, schema_editor: Any) -> None:
    del apps
    seal_table(schema_editor.connection.vendor, schema_editor.execute)


def backwards(apps: Any, schema_editor: Any) -> None:
    del apps
    unseal_table(schema_editor.connection.vendor, schema_editor.execute)


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
