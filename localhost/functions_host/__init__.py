"""The local Azure Functions host: runs an unmodified function_app.py with no cloud.

Read in this order: launch.py and host.py (the start and the life of a host), worker_pool.py (its
worker processes), worker_process.py (what runs in one), then one file per door: http_front.py,
timers.py, event_listeners.py, durable_dispatch.py; management.py and administration.py are the
host's own APIs.

What it does not reproduce: triggers and bindings other than HTTP, timers, Event Hubs (trigger only)
and Durable Functions, which it refuses by name; streaming, refused as well; CORS and the other
settings of the platform in front of a host; log levels by category; scaling out; proxies, slots and
the rest of the administration API.
"""
