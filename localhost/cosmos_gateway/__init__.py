"""A gateway that speaks Cosmos DB's REST protocol over an SQLite file, for the azure-cosmos SDK."""
