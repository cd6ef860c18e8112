"""What every `Registry` keeps to."""

from dataclasses import replace

import pytest

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import RecipientKind
from gateway.domain.problem import NoSuchThing, SetupWrong
from gateway.ports.database import Database
from gateway.ports.registry import ChannelPause
from gateway.store.registry import WRAPPING_HEAD
from tests.contracts.samples import MINUTE, NOW, a_recipient, a_token, an_anchor


class RegistryContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_recipient_comes_back_as_it_went_in(self, database: Database) -> None:
        full = a_recipient()
        bare = a_recipient(divisions=frozenset(), offices=frozenset())
        with database.write() as tx:
            tx.registry.put_recipient(full)
            tx.registry.put_recipient(bare)
            assert tx.registry.recipient(full.id) == full
            assert tx.registry.recipient(bare.id) == bare
            assert tx.registry.recipient("nobody") is None

    def test_a_recipient_put_again_is_replaced(self, database: Database) -> None:
        before = a_recipient()
        after = replace(before, sealed=b"new", changed_at=NOW + MINUTE, changed_by="other")
        with database.write() as tx:
            tx.registry.put_recipient(before)
            tx.registry.put_recipient(after)
            assert tx.registry.recipients() == [after]
            assert tx.registry.recipient_before(before.id) == [before]
            assert tx.registry.recipient_before("nobody") == []

    def test_recipients_are_listed_by_id_and_kind(self, database: Database) -> None:
        counsel = a_recipient(id="b", kind=RecipientKind.COUNSEL)
        others = [a_recipient(id="a"), a_recipient(id="c")]
        with database.write() as tx:
            for one in (others[1], counsel, others[0]):
                tx.registry.put_recipient(one)
            assert tx.registry.recipients() == [others[0], counsel, others[1]]
            assert tx.registry.recipients(kind=RecipientKind.COUNSEL) == [counsel]
            assert tx.registry.recipients(kind=RecipientKind.UNHCR) == []
            assert tx.registry.recipients(limit=2) == [others[0], counsel]
            assert tx.registry.recipients(after="b", limit=2) == [others[1]]

    def test_a_data_key_that_is_destroyed_is_gone(self, database: Database) -> None:
        with database.write() as tx:
            tx.registry.add_data_key("k1", b"one")
            tx.registry.add_data_key("k2", b"two")
            tx.registry.destroy_data_key("k1")
        with database.write() as tx:
            assert not tx.registry.has_data_key("k1")
            assert tx.registry.data_key("k2") == b"two"
            with pytest.raises(SetupWrong):
                tx.registry.destroy_data_key("k1")

    def test_a_data_key_that_is_there_already_is_not_made_anew(self, database: Database) -> None:
        for wrapped in (b"one", b"two"):
            with database.write() as tx:
                tx.registry.ensure_data_key("k1", wrapped)
        with database.read() as tx:
            assert tx.registry.data_key("k1") == b"one"

    def test_an_anchor_is_kept_once_for_each_fingerprint_and_signer(self, database: Database) -> None:
        for_all = an_anchor()
        for_one = an_anchor(signer="34" * 32, intermediates=(), crls=())
        other = an_anchor(fingerprint="56" * 32)
        newer = an_anchor(
            divisions=frozenset({Division.ID, Division.RAD}),
            intermediates=(),
            crls=(b"newer list",),
            trusted_at=NOW + MINUTE,
            trusted_by="other",
        )
        with database.write() as tx:
            for one in (for_all, for_one, other):
                tx.registry.put_anchor(one)
            assert tx.registry.anchors() == [for_all, for_one, other]
            tx.registry.put_anchor(newer)
            assert tx.registry.anchors() == [newer, for_one, other]

    def test_a_token_is_found_by_the_digest_of_its_secret(self, database: Database) -> None:
        token, other = a_token(), a_token(scopes=frozenset(), revoked_at=NOW)
        with database.write() as tx:
            tx.registry.add_token(token)
            tx.registry.add_token(other)
            assert tx.registry.token_by_digest(token.secret_digest) == token
            assert tx.registry.token_by_digest(other.secret_digest) == other
            assert tx.registry.token_by_digest("00") is None
            assert tx.registry.tokens() == [token, other]

    def test_a_revoked_token_keeps_the_moment_of_its_first_revocation(self, database: Database) -> None:
        token, other = a_token(), a_token()
        with database.write() as tx:
            tx.registry.add_token(token)
            tx.registry.add_token(other)
            tx.registry.revoke_token(token.id, NOW)
            tx.registry.revoke_token(token.id, NOW + MINUTE)
            assert tx.registry.tokens() == [replace(token, revoked_at=NOW), other]

    def test_an_unknown_token_cannot_be_revoked(self, database: Database) -> None:
        with pytest.raises(NoSuchThing) as raised, database.write() as tx:
            tx.registry.revoke_token("nobody", NOW)
        assert (raised.value.code, raised.value.where) == (Code.TOKEN_UNKNOWN, "nobody")

    def test_a_data_key_comes_back_and_an_unknown_one_is_a_problem(self, database: Database) -> None:
        with database.write() as tx:
            tx.registry.add_data_key("k1", b"\x00wrapped\xff")
            assert tx.registry.data_key("k1") == b"\x00wrapped\xff"
            assert [tx.registry.has_data_key(one) for one in ("k1", "k2")] == [True, False]
            with pytest.raises(SetupWrong) as raised:
                tx.registry.data_key("k2")
        assert (raised.value.code, raised.value.where) == (Code.SEAL_KEY_UNKNOWN, "k2")

    def test_data_keys_are_walked_by_id_and_wrapped_anew(self, database: Database) -> None:
        with database.write() as tx:
            for one in ("k2", "k1", "k3"):
                tx.registry.add_data_key(one, one.encode())
        with database.write() as tx:
            assert tx.registry.data_keys(after="", limit=2) == [("k1", b"k1"), ("k2", b"k2")]
            assert tx.registry.data_keys(after="k2", limit=2) == [("k3", b"k3")]
            tx.registry.rewrap_data_key("k2", b"anew")
            tx.registry.rewrap_data_key("destroyed", b"anew")
        with database.read() as tx:
            assert [tx.registry.data_key(one) for one in ("k1", "k2", "k3")] == [b"k1", b"anew", b"k3"]
            assert not tx.registry.has_data_key("destroyed")

    def test_one_data_key_of_each_wrapping_is_found_whatever_their_number(self, database: Database) -> None:
        heads = [f"wrapped by {name} ".encode().ljust(WRAPPING_HEAD, b".") for name in ("one", "two", "three")]
        heads.append(b"\x01" + b"\xff" * (WRAPPING_HEAD - 1))  # nothing that begins so is the last of all
        with database.write() as tx:
            assert tx.registry.data_key_of_each_wrapping() == []
            for place, head in enumerate(heads * 3):
                tx.registry.add_data_key(f"k{place}", head + bytes([place]) * 9)
            tx.registry.add_data_key("last", b"\xff" * (WRAPPING_HEAD + 9))
            found = tx.registry.data_key_of_each_wrapping()
        assert sorted(wrapped[:WRAPPING_HEAD] for _, wrapped in found) == sorted([*heads, b"\xff" * WRAPPING_HEAD])

    def test_an_own_key_in_use_is_never_taken_back_to_an_earlier_generation(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.registry.own_keys() == {}
            tx.registry.use_own_keys({})
            tx.registry.use_own_keys({OwnKeyName.KEY_ENCRYPTION: 1, OwnKeyName.MAIL_SIGNING: 2})
            tx.registry.use_own_keys({OwnKeyName.KEY_ENCRYPTION: 3, OwnKeyName.MAIL_SIGNING: 1})
            assert tx.registry.own_keys() == {OwnKeyName.KEY_ENCRYPTION: 3, OwnKeyName.MAIL_SIGNING: 2}

    def test_pausing_a_paused_channel_moves_the_end(self, database: Database) -> None:
        first = ChannelPause(channel="fax", since=NOW, until=NOW + 5 * MINUTE, reason="smtp.connect")
        again = ChannelPause(channel="fax", since=NOW + MINUTE, until=NOW + 9 * MINUTE, reason="smtp.tls")
        other = ChannelPause(channel="courier", since=NOW, until=NOW + MINUTE, reason="smtp.connect")
        with database.write() as tx:
            for one in (first, other, again):
                tx.registry.pause_channel(one)
            assert tx.registry.pauses() == [other, replace(again, since=NOW)]

    def test_a_pause_that_ends_later_stands(self, database: Database) -> None:
        long = ChannelPause(channel="fax", since=NOW, until=NOW + 90 * MINUTE, reason="channel.paused-by-person")
        with database.write() as tx:
            tx.registry.pause_channel(long)
            tx.registry.pause_channel(replace(long, since=NOW + MINUTE, until=NOW + 5 * MINUTE, reason="smtp.tls"))
            assert tx.registry.pauses() == [long]

    def test_a_pause_is_ended_once_and_for_its_channel_alone(self, database: Database) -> None:
        fax = ChannelPause(channel="fax", since=NOW, until=NOW + 90 * MINUTE, reason="channel.paused-by-person")
        with database.write() as tx:
            tx.registry.pause_channel(fax)
            tx.registry.pause_channel(replace(fax, channel="courier"))
            assert tx.registry.resume_channel("fax", NOW + MINUTE)
            assert not tx.registry.resume_channel("fax", NOW + 2 * MINUTE)
            assert not tx.registry.resume_channel("encrypted-email", NOW)
            assert tx.registry.pauses() == [replace(fax, channel="courier"), replace(fax, until=NOW + MINUTE)]

    def test_a_pause_after_one_that_ended_is_a_new_one(self, database: Database) -> None:
        ended = ChannelPause(channel="fax", since=NOW - 9 * MINUTE, until=NOW, reason="smtp.connect")
        again = ChannelPause(channel="fax", since=NOW, until=NOW + MINUTE, reason="smtp.tls")
        with database.write() as tx:
            tx.registry.pause_channel(ended)
            tx.registry.pause_channel(again)
            assert tx.registry.pauses() == [again]
