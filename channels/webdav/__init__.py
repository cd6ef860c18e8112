"""WebDAV (RFC 4918) as the house speaks it to others: folders at a server over HTTPS. No channel by itself.

`client` asks one thing at a time; `listing` reads what a folder holds; `link` speaks for as long as there is something
to say; `drop_folder` takes what others put there; `faults` name what can go wrong.
"""
