"""What a court is given: evidence of a delivery, the papers of proof, and the check of both."""
