"""The outcome feed to GCMS: where batches are put. It delivers to no participant, so it is no channel of a plan."""
