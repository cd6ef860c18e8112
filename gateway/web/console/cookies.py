"""The cookies of the console. How long the session lasts, it says itself."""

from gateway.domain.identity import ASKED_LIFE
from gateway.domain.passkeys import CHALLENGE_LIFE
from gateway.domain.signing_in import LONGEST
from gateway.web.safety import Cookie

SESSION = Cookie(name="__Host-console", age=LONGEST)
TICKET = Cookie(name="__Host-console-passkey", age=CHALLENGE_LIFE)
"""Where the sealed challenge waits in the browser that was asked."""
PROVIDER_TICKET = Cookie(name="__Host-console-provider", age=ASKED_LIFE, goes="lax")
"""Where what goes with a sign-in at the provider waits, sealed: it is the provider that sends the browser here."""
AFTERWARDS = Cookie(name="__Host-console-then", age=ASKED_LIFE, goes="lax")
"""The page that was asked for before signing in at the provider."""
