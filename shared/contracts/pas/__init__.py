"""shared.contracts.pas."""
