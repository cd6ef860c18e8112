"""The whole home out and in: a folder that any tool may carry elsewhere, and a home from it. See docs/adr.

FOLDER/inventory.json            what the backup holds; written last
FOLDER/ID.database               the database at one moment
FOLDER/ID.SHA256SUMS             the sealed objects, for `sha256sum --check`
FOLDER/ID.home-1.cms, …          settings, secrets and the gateway's own keys, for one custodian each
FOLDER/objects/3f/3f0c…          the sealed objects, written once
"""
