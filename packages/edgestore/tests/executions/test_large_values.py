import asyncio
import hashlib

import pytest

from ichor_core.contract import offload, restore
from ichor_core.errors import InvalidInputError, NotFoundError

DATA = b"\0\xff" * 100_000
DIGEST = hashlib.sha256(DATA).hexdigest()


async def test_a_value_is_kept_by_its_digest(stores) -> None:
    with pytest.raises(NotFoundError, match=DIGEST):
        await stores.values.get(DIGEST)
    await asyncio.gather(*(stores.values.put(DIGEST, DATA) for _ in range(5)))
    assert await stores.values.get(DIGEST) == DATA


@pytest.mark.parametrize("digest", ["", "abc", DIGEST.upper(), DIGEST + "\n", "\0"])
async def test_something_else_is_no_digest(stores, digest: str) -> None:
    with pytest.raises(InvalidInputError, match="expected a SHA-256"):
        await stores.values.put(digest, b"")


async def test_a_result_is_offloaded_and_restored(stores) -> None:
    result = {"small": 1, "large": ["日本" * 50_000, 2**70]}
    stored = await offload(result, stores.values)
    assert stored != result
    assert await restore(stored, stores.values) == result
