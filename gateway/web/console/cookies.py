"""The cookie of the console: the session. How long it lasts, the session itself says."""

from gateway.domain.signing_in import LONGEST
from gateway.web.safety import Cookie

SESSION = Cookie(name="__Host-console", age=LONGEST)
