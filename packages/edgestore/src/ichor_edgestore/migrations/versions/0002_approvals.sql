-- What people are asked, where they find it. The workflow that waits decides.

CREATE TABLE workflow.approvals (
    id uuid PRIMARY KEY,
    execution_id uuid NOT NULL,
    action_id uuid NOT NULL,
    action_name text NOT NULL,
    rule_id uuid,
    workflow_id text NOT NULL,
    title text NOT NULL,
    message text NOT NULL,
    form jsonb NOT NULL DEFAULT '{}',
    approvers jsonb NOT NULL DEFAULT '{}',
    policy text NOT NULL CHECK (policy IN ('any', 'all', 'n_of')),
    needed integer NOT NULL DEFAULT 1 CHECK (needed >= 1),
    requester text NOT NULL DEFAULT '',
    allow_requester boolean NOT NULL DEFAULT false,
    deadline timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'approved', 'rejected', 'timed_out', 'withdrawn')
    ),
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    CHECK ((status = 'pending') = (closed_at IS NULL))
);
COMMENT ON COLUMN workflow.approvals.form IS 'JSON Schema of what the decider fills in';
COMMENT ON COLUMN workflow.approvals.approvers IS 'users and roles; {} means everybody';

CREATE INDEX approvals_newest ON workflow.approvals (created_at DESC, id DESC);
CREATE INDEX approvals_with_status ON workflow.approvals (status, created_at DESC, id DESC);
CREATE INDEX approvals_of_execution ON workflow.approvals (execution_id);

CREATE TABLE workflow.approval_decisions (
    approval_id uuid NOT NULL REFERENCES workflow.approvals ON DELETE CASCADE,
    "user" text NOT NULL,
    vote text NOT NULL CHECK (vote IN ('approved', 'rejected')),
    comment text NOT NULL DEFAULT '',
    form jsonb NOT NULL DEFAULT '{}',
    roles jsonb NOT NULL DEFAULT '[]',
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (approval_id, "user")
);
