"""A real PostgreSQL of its own, in a temporary folder, on a free loopback port, with a password.

Durable as in production: fsync and synchronous_commit stay on. PostgreSQL refuses to run as root, so that root gives
its folder to `nobody` and starts it as that user. One server for a session of tests, a database for each test.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from gateway.store.engine import upgrade
from gateway.store.engines import Server
from tests.real import need
from tests.real.ports import free_port

_TEMPLATE = "gateway_template"


@dataclass
class Postgresql:
    """A running server."""

    folder: Path
    port: int
    password: str
    settings: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def password_file(self) -> Path:
        """A file that holds the password, as a secret is mounted."""
        return self.folder / "secret"

    @property
    def server(self) -> Server:
        """How the store speaks to it."""
        return Server(password_file=self.password_file, connections=12)

    def url(self, database: str) -> str:
        """What `[gateway] database` says."""
        return f"postgresql+psycopg://gateway@127.0.0.1:{self.port}/{database}"

    def options(self, database: str) -> Mapping[str, str | Path]:
        """What `gateway init` is told of it."""
        return {"--database": self.url(database), "--database-password-file": self.password_file}

    def create(self, *, empty: bool = False) -> str:
        """A new database, with the tables of this release unless it is to be empty; its name."""
        name = f"gateway_{secrets.token_hex(6)}"
        with self.superuser() as connection:
            if empty:
                connection.execute(f"CREATE DATABASE {name}")
            else:
                self._ensure_template(connection)
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever is connected to it."""
        with self.superuser() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _ensure_template(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone():
            connection.execute(f"CREATE DATABASE {_TEMPLATE}")
            upgrade(self.url(_TEMPLATE), self.server)

    @contextmanager
    def superuser(self, database: str = "postgres") -> "Iterator[psycopg.Connection[tuple[object, ...]]]":
        """A connection of the server's owner, without a transaction around it."""
        connection = psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="gateway",
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )
        try:
            yield connection
        finally:
            connection.close()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        command = [need.program("postgres", "postgresql"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", str(self.folder)]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, user=_owner())
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Ends it at once: sessions are cut off, what they had committed stays (a fast shutdown)."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Ends it as a crash of the machine would: what it had not written is lost, and it must recover."""
        assert self.process is not None
        children = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        self._end(signal.SIGKILL)
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                continue

    def restart(self) -> None:
        """Stops and starts it."""
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                with self.superuser():
                    return
            except psycopg.OperationalError:
                assert time.monotonic() < end, (self.folder / "log").read_text()
                time.sleep(0.03)


@contextmanager
def running_postgresql(**settings: str) -> Iterator[Postgresql]:
    """A server while the block runs. settings: of postgresql.conf, beside what it comes with."""
    initdb = need.program("initdb", "postgresql")
    # Not below pytest's own folder, which is for its owner alone.
    folder = Path(tempfile.mkdtemp(prefix="gateway-postgresql-"))
    made = Postgresql(folder=folder, port=free_port(), password=secrets.token_hex(16), settings=settings)
    try:
        made.password_file.write_text(made.password + "\n")
        if os.geteuid() == 0:
            owner = pwd.getpwnam("nobody")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            os.chown(made.password_file, owner.pw_uid, owner.pw_gid)
        command = [initdb, "-D", str(folder / "data"), "-U", "gateway", "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["--auth=scram-sha-256", f"--pwfile={made.password_file}"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, user=_owner())
        made.start()
        yield made
    finally:
        made._end(signal.SIGQUIT)  # at once, without a last checkpoint: nobody reads it again
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str | None:
    return "nobody" if os.geteuid() == 0 else None
