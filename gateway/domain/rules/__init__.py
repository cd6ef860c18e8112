"""The rule engine: closed facts, rules over them that come as data, and a book that answers what applies."""
