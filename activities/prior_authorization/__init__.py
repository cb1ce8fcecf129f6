"""activities.prior_authorization."""
