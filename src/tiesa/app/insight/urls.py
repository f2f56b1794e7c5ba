from django.urls import path, re_path

from tiesa.app.insight import (
    changes_views,
    customers,
    downloads,
    finding,
    journeys,
    rules_views,
    saving,
    today,
    touchpoints,
)

app_name = "insight"
urlpatterns = [
    path("", today.today, name="today"),
    path("find", finding.find, name="find"),
    path("journeys/", journeys.overview, name="journeys"),
    path("journeys/map/", journeys.journey_map, name="journeys_map"),
    path("journeys/process/", journeys.process, name="journeys_process"),
    path("journeys/variants/", journeys.variants, name="journeys_variants"),
    path("journeys/compare/", journeys.compare, name="journeys_compare"),
    path("journeys/list/", journeys.listed, name="journeys_list"),
    path("journeys/answers/<slug:name>/", journeys.answer, name="journeys_answer"),
    re_path(r"^journeys/pictures/(?P<name>[\w-]+)\.(?P<kind>svg|png)$", downloads.picture, name="picture"),
    re_path(r"^journeys/tables/(?P<name>[\w-]+)/(?P<table>[\w-]+)\.(?P<kind>csv|xlsx)$", downloads.table, name="table"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:customer_key>/", customers.story_page, name="customer"),
    path("customers/<int:customer_key>/emotion.svg", customers.emotion, name="customer_emotion"),
    path("customers/<int:customer_key>/brief/", customers.brief, name="brief"),
    path("touchpoints/", touchpoints.touchpoints, name="touchpoints"),
    path("rules/", rules_views.rules, name="rules"),
    path("rules/changes/", changes_views.changes, name="rules_changes"),
    path("rules/changes/undo", changes_views.undo, name="rules_change_undo"),
    path("rules/<slug:name>/", rules_views.edit, name="rules_edit"),
    path("rules/changes/<int:change_id>/back", rules_views.take_back, name="rules_back"),
    path("views/save", saving.save, name="save_view"),
    path("views/<int:view_id>/remove", saving.remove, name="remove_view"),
    path("tour", saving.tour, name="tour"),
]
