"""Object identifiers of CMS signatures."""

from cryptography.x509 import ObjectIdentifier

# content types (RFC 5652)
DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")

# signed attributes (RFC 5652 §11, RFC 5035)
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE_V2 = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")

# digests (RFC 5754)
SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
SHA384 = ObjectIdentifier("2.16.840.1.101.3.4.2.2")
SHA512 = ObjectIdentifier("2.16.840.1.101.3.4.2.3")

# signatures (RFC 8017, RFC 5754)
RSA_ENCRYPTION = ObjectIdentifier("1.2.840.113549.1.1.1")
MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")
RSASSA_PSS = ObjectIdentifier("1.2.840.113549.1.1.10")
SHA256_WITH_RSA = ObjectIdentifier("1.2.840.113549.1.1.11")
SHA384_WITH_RSA = ObjectIdentifier("1.2.840.113549.1.1.12")
SHA512_WITH_RSA = ObjectIdentifier("1.2.840.113549.1.1.13")
ECDSA_WITH_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")
ECDSA_WITH_SHA384 = ObjectIdentifier("1.2.840.10045.4.3.3")
ECDSA_WITH_SHA512 = ObjectIdentifier("1.2.840.10045.4.3.4")
