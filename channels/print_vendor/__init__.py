"""A print and mail vendor, reached by SFTP. No channel by itself: a mail channel's manifests are put there."""
