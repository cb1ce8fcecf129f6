"""Adapters over Azure Cosmos DB for NoSQL."""
