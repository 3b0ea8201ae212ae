"""A small system outside the engine that answers `allocate_inventory`.

It knows the engine's messages and nothing else of it: aio-pika, asyncpg and JSON.
"""
