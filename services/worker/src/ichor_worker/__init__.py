"""The Temporal worker: registry, activities and workflows on the task queue."""
