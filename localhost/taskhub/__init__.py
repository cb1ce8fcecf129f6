"""localhost.taskhub."""
