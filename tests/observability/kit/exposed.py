"""What a process shows at `GET /metrics`, parsed as Prometheus parses it."""

from dataclasses import dataclass, field

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.kit.command import Command

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Family:
    """One metric with all its samples."""

    name: str
    kind: str
    help: str
    samples: dict[str, dict[Labels, float]] = field(default_factory=dict)
    """Sample name → sorted labels → value."""


class Exposed:
    """All families that one or more processes show."""

    def __init__(self) -> None:
        self.families: dict[str, Family] = {}

    def add(self, text: str) -> None:
        """Take in an exposition."""
        for parsed in text_string_to_metric_families(text):
            family = self.families.setdefault(
                parsed.name, Family(parsed.name, parsed.type, parsed.documentation)
            )
            for sample in parsed.samples:
                values = family.samples.setdefault(sample.name, {})
                values[tuple(sorted(sample.labels.items()))] = sample.value

    def samples(self, name: str) -> dict[Labels, float]:
        """Return what has this sample name; empty if nothing has."""
        found: dict[Labels, float] = {}
        for family in self.families.values():
            found |= family.samples.get(name, {})
        return found

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """Return the sums of samples by some labels."""
        sums: dict[tuple[str, ...], float] = {}
        for given, value in self.samples(name).items():
            key = tuple(dict(given).get(label, "") for label in labels)
            sums[key] = sums.get(key, 0) + value
        return sums

    def labels(self) -> dict[str, set[str]]:
        """Return sample names → the labels that occur with them."""
        found: dict[str, set[str]] = {}
        for family in self.families.values():
            for name, samples in family.samples.items():
                names = found.setdefault(name, set())
                for given in samples:
                    names.update(label for label, value in given if value)
        return found


async def answer_of(service: Command) -> httpx2.Response:
    """Ask a process for its metrics."""
    async with httpx2.AsyncClient(trust_env=False, verify=False, timeout=10) as client:
        return await client.get(f"{service.url}/metrics")


async def text_of(service: Command) -> str:
    """Return what a process shows."""
    answer = await answer_of(service)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


async def scrape(service: Command) -> Exposed:
    """Return what a process shows, parsed."""
    exposed = Exposed()
    exposed.add(await text_of(service))
    return exposed
