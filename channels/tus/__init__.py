"""tus 1.0 as the house speaks it to others: resumable uploads over HTTPS. No channel by itself.

`settings` say whom to speak to and as whom; `client` asks one thing at a time; `upload` makes a whole upload of it;
`faults` name what can go wrong.
"""
