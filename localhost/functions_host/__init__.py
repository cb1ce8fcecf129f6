"""The local Azure Functions host: runs an unmodified function_app.py with no cloud.

Read in this order: host.py (the wiring and the life of a host), worker_pool.py (the worker
processes), worker_process.py (what runs in one), then one file per door: http_front.py,
timers.py, event_listeners.py, durable_dispatch.py.
"""
