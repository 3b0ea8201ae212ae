-- Rules and their graphs: what users edit.

CREATE TABLE workflow.automation_rules (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    description text NOT NULL DEFAULT '',
    trigger_entity text NOT NULL CHECK (trigger_entity <> ''),
    trigger_event text NOT NULL CHECK (trigger_event IN ('on_create', 'on_update', 'on_delete')),
    trigger_conditions jsonb,
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    graph_version integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN workflow.automation_rules.version IS 'of the rule''s own columns';
COMMENT ON COLUMN workflow.automation_rules.graph_version IS '0: no graph was saved yet';

CREATE INDEX automation_rules_matching
    ON workflow.automation_rules (trigger_entity, trigger_event)
    WHERE is_active AND graph_version > 0;
CREATE INDEX automation_rules_newest ON workflow.automation_rules (created_at DESC, id DESC);

CREATE TABLE workflow.rule_actions (
    rule_id uuid NOT NULL REFERENCES workflow.automation_rules ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    action_type text NOT NULL CHECK (action_type <> ''),
    action_config jsonb NOT NULL DEFAULT '{}',
    limits jsonb,
    sequence_order integer NOT NULL DEFAULT 0,
    -- Ids are unique in a rule, not in the table: graphs are copied between rules.
    PRIMARY KEY (rule_id, id),
    UNIQUE (rule_id, name)
);

CREATE TABLE workflow.action_edges (
    rule_id uuid NOT NULL REFERENCES workflow.automation_rules ON DELETE CASCADE,
    id uuid NOT NULL,
    source_action_id uuid,
    target_action_id uuid NOT NULL,
    edge_type text NOT NULL CHECK (
        edge_type IN ('start', 'sequence', 'true_branch', 'false_branch', 'always', 'parallel')
    ),
    sort_order integer NOT NULL DEFAULT 0,
    PRIMARY KEY (rule_id, id),
    FOREIGN KEY (rule_id, source_action_id) REFERENCES workflow.rule_actions
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (rule_id, target_action_id) REFERENCES workflow.rule_actions
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CHECK ((source_action_id IS NULL) = (edge_type = 'start'))
);
CREATE INDEX action_edges_source ON workflow.action_edges (rule_id, source_action_id);
CREATE INDEX action_edges_target ON workflow.action_edges (rule_id, target_action_id);

-- What an execution runs. Executions outlive their rule, and so do the versions they started with.
CREATE TABLE workflow.graph_versions (
    rule_id uuid NOT NULL,
    version integer NOT NULL,
    graph jsonb NOT NULL,
    digest text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule_id, version)
);

CREATE TABLE workflow.action_types (
    type text PRIMARY KEY,
    spec jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Events and what they set off.

CREATE TABLE workflow.events (
    id uuid PRIMARY KEY,
    entity_name text NOT NULL,
    entity_id text NOT NULL,
    event_type text NOT NULL,
    data jsonb NOT NULL,
    digest text NOT NULL,
    traceparent text,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN workflow.events.digest IS 'tells the same body from another one';

CREATE TABLE workflow.executions (
    id uuid PRIMARY KEY,
    event_id uuid REFERENCES workflow.events,
    rule_id uuid,
    rule_name text NOT NULL DEFAULT '',
    graph_version integer NOT NULL DEFAULT 0,
    interpreter_version integer NOT NULL DEFAULT 1,
    workflow_id text UNIQUE,
    status text NOT NULL CHECK (
        status IN ('pending', 'running', 'completed', 'completed_with_failures', 'failed',
                   'cancelled', 'timed_out')
    ),
    entity_name text NOT NULL DEFAULT '',
    entity_id text NOT NULL DEFAULT '',
    event_type text NOT NULL DEFAULT '',
    trigger_data jsonb NOT NULL DEFAULT '{}',
    error jsonb,
    failures jsonb NOT NULL DEFAULT '[]',
    trace_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    runs integer NOT NULL DEFAULT 1
);
COMMENT ON COLUMN workflow.executions.rule_id IS
    'null for a workflow that was started without an event, and only reported';

CREATE INDEX executions_newest ON workflow.executions (created_at DESC, id DESC);
CREATE INDEX executions_of_rule ON workflow.executions (rule_id, created_at DESC, id DESC);
CREATE INDEX executions_of_event ON workflow.executions (event_id);
CREATE INDEX executions_of_entity
    ON workflow.executions (entity_name, entity_id, created_at DESC, id DESC);
CREATE INDEX executions_with_status ON workflow.executions (status, created_at DESC, id DESC);
CREATE INDEX executions_running ON workflow.executions (started_at) WHERE status = 'running';

CREATE TABLE workflow.dispatches (
    execution_id uuid PRIMARY KEY REFERENCES workflow.executions ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'started', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    last_error text
);
CREATE INDEX dispatches_pending ON workflow.dispatches (next_attempt_at) WHERE state = 'pending';
CREATE INDEX dispatches_failed ON workflow.dispatches (created_at) WHERE state = 'failed';

CREATE TABLE workflow.action_executions (
    execution_id uuid NOT NULL REFERENCES workflow.executions ON DELETE CASCADE,
    action_id uuid NOT NULL,
    name text NOT NULL DEFAULT '',
    type text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (
        status IN ('waiting', 'running', 'completed', 'skipped', 'failed', 'blocked')
    ),
    started_at timestamptz,
    finished_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    error jsonb,
    result jsonb,
    PRIMARY KEY (execution_id, action_id)
);

-- Effects: the ledger is written in the transaction of the effect itself.

CREATE TABLE workflow.effects (
    key text PRIMARY KEY,
    execution_id uuid NOT NULL,
    action_id uuid NOT NULL,
    visit integer NOT NULL,
    result jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN workflow.effects.result IS 'null only inside the transaction of the effect';

CREATE TABLE workflow.alerts (
    id uuid PRIMARY KEY,
    effect_key text NOT NULL UNIQUE REFERENCES workflow.effects,
    execution_id uuid NOT NULL,
    rule_id uuid,
    title text NOT NULL,
    message text NOT NULL,
    severity text NOT NULL,
    recipients jsonb NOT NULL DEFAULT '[]',
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alerts_newest ON workflow.alerts (created_at DESC, id DESC);
CREATE INDEX alerts_of_execution ON workflow.alerts (execution_id);

CREATE TABLE workflow.large_values (
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    data bytea NOT NULL,
    size bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A condition on a JSON value finds the value's kind only when it gets there.
CREATE FUNCTION workflow.refuse_comparison(operator text, field text, found text, expected text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% cannot compare field ''%'': % with %', operator, field, found, expected
        USING ERRCODE = 'IC001';
END
$$;
