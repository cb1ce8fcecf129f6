"""localhost.cosmos_gateway."""
