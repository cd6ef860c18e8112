"""decision-gateway: signed decision packages in, one sealed copy to each participant out."""
