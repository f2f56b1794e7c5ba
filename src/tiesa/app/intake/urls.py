from django.urls import path

from tiesa.app.intake import same_person_views, settings_views, views, wizard_views

app_name = "intake"
urlpatterns = [
    path("", views.data, name="data"),
    path("under-way", views.under_way, name="under_way"),
    path("imports/<slug:import_id>/undo", views.undo, name="undo"),
    path("bring", wizard_views.bring, name="bring"),
    path("files/<uuid:upload_id>/", wizard_views.file, name="file"),
    path("files/<uuid:upload_id>/progress", wizard_views.progress, name="progress"),
    path("files/<uuid:upload_id>/mapping", wizard_views.edit, name="edit"),
    path("files/<uuid:upload_id>/read", wizard_views.read, name="read"),
    path("files/<uuid:upload_id>/import", wizard_views.start_import, name="import"),
    path("files/<uuid:upload_id>/back", wizard_views.back, name="back"),
    path("files/<uuid:upload_id>/remove", wizard_views.remove, name="remove"),
    path("files/<uuid:upload_id>/set-aside.csv", wizard_views.set_aside, name="set_aside"),
    path("files/<uuid:upload_id>/mend", wizard_views.mend, name="mend"),
    path("files/<uuid:upload_id>/save", wizard_views.save_mapping, name="save"),
    path("mappings/<str:name>/", settings_views.mapping, name="mapping"),
    path("mappings/<str:name>/remove", settings_views.remove_mapping, name="mapping_remove"),
    path("mappings/changes/<int:edit_id>/undo", settings_views.put_back, name="mapping_put_back"),
    path("same-person/", same_person_views.same_person, name="same_person"),
    path("same-person/decide", same_person_views.decide, name="same_person_decide"),
    path("same-person/part", same_person_views.part, name="same_person_part"),
    path("same-person/undo", same_person_views.undo, name="same_person_undo"),
    path("folders/set", settings_views.set_folder, name="folder_set"),
    path("folders/<int:folder_id>/forget", settings_views.forget_folder, name="folder_forget"),
    path("folders/<int:folder_id>/look", settings_views.look_now, name="folder_look"),
]
