"""Large values of a context, on their way to an action."""

from msgspec.structs import replace

from ichor_core.contract import ValueStore, restore
from ichor_core.expressions import MergedContext


async def restore_context(context: MergedContext, values: ValueStore) -> MergedContext:
    """Return the context with each reference to a large value replaced by the value."""
    results = {
        name: await restore(result, values) for name, result in context.action_results.items()
    }
    trigger_data = await restore(context.trigger_data, values)
    return replace(context, trigger_data=trigger_data, action_results=results)
