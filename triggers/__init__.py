"""Doors: decode, start or signal, answer."""

from triggers.events.requests import events
from triggers.http.cases import cases
from triggers.http.console import console
from triggers.http.fhir import fhir
from triggers.http.health import health
from triggers.http.tasks import tasks
from triggers.timers.sweep import timers

BLUEPRINTS = (fhir, cases, tasks, health, console, events, timers)
