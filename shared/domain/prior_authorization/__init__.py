"""shared.domain.prior_authorization."""
