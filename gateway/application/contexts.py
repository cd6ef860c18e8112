"""Where sealed values belong: the contexts that bind them to their place."""

PACKAGE = "package"
CHALLENGE = "exchange-challenge"
"""What a browser is asked that signs in by passkey."""
PROVIDER_TICKET = "exchange-provider-ticket"
"""What goes with a sign-in at the provider."""
CONSOLE_CHALLENGE = "console-challenge"
CONSOLE_PROVIDER_TICKET = "console-provider-ticket"
SIGN_IN_SET_UP = "console-set-up"
"""What is about to sign an account in to the console."""
DIRECTORY_KEY = "directory"
"""The data key of the recipient directory."""
EVIDENCE_KEY = "evidence"
"""The data key of what came back: evidence outlives the package it is about."""


def evidence_key(dispatch_id: str) -> str:
    """The data key of what proves the deliveries of one dispatch and no other, and of what remains of its package."""
    return f"{EVIDENCE_KEY}/{dispatch_id}"


def incoming_key(incoming_id: str) -> str:
    """The data key of what people say of something that came and belongs to no dispatch."""
    return f"incoming/{incoming_id}"


def papers(delivery_id: str) -> str:
    """The rendered papers of a delivery."""
    return f"papers/{delivery_id}"


def sent(attempt_id: str) -> str:
    """The exact bytes of an attempt."""
    return f"sent/{attempt_id}"


def envelope(attempt_id: str) -> str:
    """What stands on the envelope of an attempt."""
    return f"envelope/{attempt_id}"


def manifest(number: str) -> str:
    """The manifest as the carrier signed it."""
    return f"manifest/{number}"


def label(attempt_id: str) -> str:
    """The carrier's label for an attempt's envelope."""
    return f"label/{attempt_id}"


def carrier_manifest(number: str) -> str:
    """A manifest as the carrier's own service made it."""
    return f"carrier-manifest/{number}"


def print_volume(name: str) -> str:
    """A file for the print vendor, as it is put there."""
    return f"print/{name}"


def print_account(number: str) -> str:
    """What a print and mail vendor said of a manifest."""
    return f"print-account/{number}"


def certificate(attempt_id: str) -> str:
    """The carrier's certificate that it delivered an attempt's envelope."""
    return f"certificate/{attempt_id}"


def scan(digest: str) -> str:
    """A scan as it stood in its file."""
    return f"scan/{digest}"


def words(attempt_id: str) -> str:
    """What the carrier answered to an attempt."""
    return f"words/{attempt_id}"


def planned(delivery_id: str) -> str:
    """Whom the papers of a delivery were made for."""
    return f"planned/{delivery_id}"


def given_address(delivery_id: str) -> str:
    """The address that two people gave a delivery."""
    return f"given-address/{delivery_id}"


def parties(message_id: str) -> str:
    """A message about a file's parties."""
    return f"parties/{message_id}"


def reason(subject_id: str) -> str:
    """The reason a person gave for an act on the subject."""
    return f"reason/{subject_id}"


def service_record(receipt_id: str) -> str:
    """What a person recorded of a service, with its proof."""
    return f"service/{receipt_id}"


def proof(paper_id: str) -> str:
    """A paper of proof, and what its officer said."""
    return f"proof/{paper_id}"


def remains(dispatch_id: str) -> str:
    """What is kept of an expired package as evidence."""
    return f"remains/{dispatch_id}"


def recipient(recipient_id: str) -> str:
    """A directory entry."""
    return f"recipient/{recipient_id}"


def proposal(proposal_id: str) -> str:
    """What a proposal would have stand."""
    return f"proposal/{proposal_id}"


def decision(proposal_id: str) -> str:
    """Why a proposal was approved or refused."""
    return f"decision/{proposal_id}"


def status(digest: str) -> str:
    """A revocation list or response."""
    return f"status/{digest}"


def endpoint(endpoint_id: str) -> str:
    """The secret under which calls to an endpoint are signed."""
    return f"endpoint/{endpoint_id}"


def incoming(incoming_id: str) -> str:
    """What came back, as it came."""
    return f"incoming/{incoming_id}"


def conversation_key(conversation_id: str) -> str:
    """The data key of a conversation in the exchange."""
    return f"exchange-{conversation_id}"


def exchange_address(account: str) -> str:
    """The mail address of an exchange account."""
    return f"exchange-address/{account}"


def recalled(dispatch_id: str) -> str:
    """The statement that a dispatch was recalled."""
    return f"recalled/{dispatch_id}"


def breach(dispatch_id: str, version: int) -> str:
    """What was told of a privacy breach, in that version."""
    return f"breach/{dispatch_id}/{version}"


def draft(draft_id: str) -> str:
    """A package that an officer prepares, and its documents; its data key's id too."""
    return f"draft/{draft_id}"


def left(entry_id: str, place: int) -> str:
    """A document that was left in the exchange; its parts are numbered below this."""
    return f"left/{entry_id}/{place}"


def delegate(name: str) -> str:
    """Who was named as a delegate."""
    return f"exchange-delegate/{name}"


def entry_note(entry_id: str) -> str:
    """What is told beside an entry of the exchange."""
    return f"entry-note/{entry_id}"


def taken(receipt_id: str) -> str:
    """What the exchange saw when something was taken."""
    return f"taken/{receipt_id}"


def one_time_codes(account: str) -> str:
    """The secret of an account's one-time codes."""
    return f"one-time-codes/{account}"


def saved_view(view_id: str) -> str:
    """What a person of staff calls a view of theirs."""
    return f"saved-view/{view_id}"


def feed_line(transaction_id: str) -> str:
    """What the outcome feed tells by a transaction."""
    return f"feed-line/{transaction_id}"


def feed_batch(batch_id: str) -> str:
    """The exact bytes of a batch of the outcome feed; its data key's id too."""
    return f"feed-batch/{batch_id}"
