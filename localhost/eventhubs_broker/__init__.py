"""localhost.eventhubs_broker."""
