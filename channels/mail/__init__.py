"""Mail as several channels speak it: a server reached over SMTP, and messages as parts. No channel by itself."""
