"""An Event Hubs compatible AMQP 1.0 broker over SQLite, for local runs and tests."""
