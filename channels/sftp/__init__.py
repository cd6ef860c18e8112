"""SFTP as the house speaks it to others: whoever uploads or looks for files by it starts here. No channel by itself.

`settings` say whom to speak to; `connection` speaks to nobody else; `upload` puts a file there whole or not at all;
`mailbox` takes in what lies in a folder; `faults` name what can go wrong.
"""
