-- What `prune` looks for.

CREATE INDEX executions_ended ON workflow.executions (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX events_received ON workflow.events (received_at);
CREATE INDEX effects_of_execution ON workflow.effects (execution_id);
CREATE INDEX large_values_used ON workflow.large_values (created_at);
