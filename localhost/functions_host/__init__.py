"""localhost.functions_host."""
