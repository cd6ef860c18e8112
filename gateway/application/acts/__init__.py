"""What a person does with a delivery, by whichever door they come."""
