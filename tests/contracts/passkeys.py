"""What every `PasskeyStore` keeps to."""

from dataclasses import replace

from gateway.domain.console import StaffPasskey
from gateway.domain.passkeys import Passkey
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

PASSKEY = Passkey(id="AAEC", account="counsel-12345p", public_key=b"\x00cose", sign_count=0, added_at=NOW)


class PasskeyContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_passkey_comes_back_as_it_went_in_and_is_added_once(self, database: Database) -> None:
        used = replace(PASSKEY, sign_count=4, used_at=NOW + MINUTE)
        with database.write() as tx:
            assert tx.passkeys.add(PASSKEY)
            assert not tx.passkeys.add(replace(PASSKEY, account="other"))
            assert tx.passkeys.find(PASSKEY.id, lock=True) == PASSKEY
            assert tx.passkeys.find("none") is None
            tx.passkeys.save(used)
            assert tx.passkeys.of_account(PASSKEY.account) == [used]
            assert tx.passkeys.of_account("other") == []

    def test_removed_passkeys_stand_no_more_and_are_still_known(self, database: Database) -> None:
        second, others = (
            replace(PASSKEY, id=name, account=account, added_at=NOW + MINUTE)
            for name, account in (("AAED", PASSKEY.account), ("AAEE", "other"))
        )
        with database.write() as tx:
            for one in (second, PASSKEY, others):
                tx.passkeys.add(one)
            assert tx.passkeys.of_account(PASSKEY.account) == [PASSKEY, second]
            tx.passkeys.remove_all(PASSKEY.account, NOW)
            assert tx.passkeys.of_account(PASSKEY.account) == []
            assert tx.passkeys.of_account("other") == [others]
            assert tx.passkeys.find(second.id) == replace(second, removed_at=NOW)
            assert not tx.passkeys.add(PASSKEY)

    def test_a_challenge_is_spent_once_and_forgotten_when_nobody_takes_it_any_more(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.passkeys.spend("12", now=NOW, until=NOW + MINUTE)
            assert not tx.passkeys.spend("12", now=NOW + MINUTE, until=NOW + 2 * MINUTE)
            assert tx.passkeys.spend("34", now=NOW + 2 * MINUTE, until=NOW + 3 * MINUTE)
            assert tx.passkeys.spend("12", now=NOW + 2 * MINUTE, until=NOW + 3 * MINUTE)

    def test_those_of_staff_lie_apart_and_have_names(self, database: Database) -> None:
        named = StaffPasskey(**vars(PASSKEY), name="laptop")
        with database.write() as tx:
            assert tx.staff_passkeys.add(named)
            assert tx.staff_passkeys.of_account(named.account) == [named]
            assert tx.passkeys.find(named.id) is None
            tx.passkeys.remove_all(named.account, NOW)
            assert tx.staff_passkeys.find(named.id, lock=True) == named
