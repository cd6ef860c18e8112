"""Settings of secure-upload for tests."""

from channels.secure_upload.settings import SecureUploadSettings

URL = "http://127.0.0.1:8480/exchange"


def upload_settings(**changes: object) -> SecureUploadSettings:
    """Settings for a mail server without TLS on this machine, changed as said."""
    table = {"url": URL, "host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@tribunal.test"}
    return SecureUploadSettings.read(table | changes)
