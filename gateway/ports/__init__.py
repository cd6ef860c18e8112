"""What the outside must offer: the only doors between the use cases and mail, PDF, keys, files and databases.

Each contract is written once, here; the contract suites in `tests/contracts` hold every implementation to it.
"""
