"""What the demo says of where things are, and of what to do in another terminal."""

import shlex
from pathlib import Path

from demo import environment
from demo.console import Console
from demo.mail_sink import Mail
from demo.orders import OF_YOURS
from demo.surroundings import WORKER, Surroundings
from demo.watched import Watched
from ichor_core import exact_json

ROOT = Path(__file__).parent.parent


def shown(path: Path) -> str:
    """Return a path as it is typed in the folder of this checkout."""
    return shlex.quote(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path))


class Hints:
    """Writes hints.

    Args:
        around: what runs.
        logs: the folder of the logs.
        picture: the file of the first execution's, which may not be there.
        console: where to.
    """

    def __init__(self, around: Surroundings, logs: Path, picture: Path, console: Console) -> None:
        self._around = around
        self._logs = logs
        self.picture = picture
        self._console = console
        self._environment = f". {shown(logs / environment.NAME)}"

    def own_worker(self) -> None:
        """Say how to start the worker."""
        self._console.heading("The worker is yours to start, in another terminal in this folder:")
        self._console.line(f"{self._environment} && {shlex.join(WORKER)}")

    def places(self) -> None:
        """Say where to look while everything runs."""
        self._console.heading("Where to look")
        self._console.line(f"  API      {self._around.api_url}/schema/openapi.json")
        self._console.line(f"  Temporal {self._around.temporal_ui}")
        if self._around.broker.server:
            self._console.line(f"  RabbitMQ {self._around.broker.url}")
        self._files()
        self._console.line(f"  mails    {shown(self._around.mails.folder)}, each as a file")
        self._data()

    def what_was_kept(self) -> None:
        """Say that the data of the last start are there."""
        self._console.heading("Rules, executions and orders of the last start are there again")

    def mail(self, mail: Mail) -> None:
        """Say that a mail was caught."""
        self._console.line(f"{mail}  ({shown(mail.file)})")

    def revived(self, watched: Watched, how: str) -> None:
        """Say that a server has ended, and runs again."""
        self._console.line(f"{how}; it runs again, on its port and with its data", "yellow")

    def _data(self) -> None:
        """Say what stays after the end."""
        kept = self._around.kept
        if kept is None:
            self._console.line("  data     end with Ctrl-C; make up KEEP=yes keeps them")
            return
        places = " and ".join(map(shown, kept.places))
        what = "PostgreSQL, Temporal"
        what += ", RabbitMQ" if self._around.broker.keeps else "; not RabbitMQ in a container"
        self._console.line(f"  data     {places} stay after Ctrl-C: {what}")
        self._console.line(f"           rm -r {places.replace(' and ', ' ')} begins anew")

    def what_is_left(self) -> None:
        """Say where to look when nothing runs any more."""
        self._console.heading("What is left to look at")
        self._files()

    def _files(self) -> None:
        self._console.line(f"  logs     {shown(self._logs)}")
        if self.picture.exists():
            self._console.line(
                f"  picture  {shown(self.picture)} is the first execution, in Mermaid"
            )

    def how_to_go_on(self) -> None:
        """Say what may be done until Ctrl-C."""
        self._console.heading("Everything runs until Ctrl-C. In another terminal:")
        self._console.line(f"export ICHOR={self._around.variables['ICHOR']}")
        self._console.line(
            "curl -sS $ICHOR/events -H 'Content-Type: application/json' \\\n"
            f"  -d '{exact_json.encode(OF_YOURS).decode()}'"
        )
        self._console.line(f'curl -sS "$ICHOR/executions?entity_id={OF_YOURS["entity_id"]}"')
        self._console.heading("For commands that need the servers, in this folder:")
        self._console.line(f"{self._environment}   # DATABASE_URL, TEMPORAL_ADDRESS, AMQP_URL, …")

    def ended(self, watched: Watched, how: str) -> None:
        """Say that a service has ended, and how to start it again."""
        self._console.line()
        self._console.line(f"{how}; the rest goes on. Its log is {shown(watched.log)}", "yellow")
        for line in watched.tail():
            self._console.line(f"  {line}", "dim")
        self._console.line("Start it again, in another terminal in this folder:")
        self._console.line(f"{self._environment} && {watched.again}")
