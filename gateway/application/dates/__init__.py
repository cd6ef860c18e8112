"""Days as offices count them, and what follows from them: due dates, services, deemed receipt, the end of waiting."""
