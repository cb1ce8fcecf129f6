"""Doors: decode, start or signal, answer."""

from triggers.events.requests import events
from triggers.http.attachments import attachments
from triggers.http.cases import cases
from triggers.http.console import console
from triggers.http.crd import crd
from triggers.http.dead_letters import dead_letters
from triggers.http.fhir import fhir
from triggers.http.health import health
from triggers.http.inquire import inquiries
from triggers.http.metadata import metadata
from triggers.http.reports import reports
from triggers.http.rules import rules
from triggers.http.subscriptions import subscriptions
from triggers.http.tasks import tasks
from triggers.timers.sweep import timers

FHIR = (fhir, inquiries, attachments, subscriptions, metadata)
API = (cases, tasks, rules, reports, dead_letters, health)
BLUEPRINTS = (*FHIR, *API, crd, console, events, timers)
