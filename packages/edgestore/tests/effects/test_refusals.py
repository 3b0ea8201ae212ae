"""What a table refuses: said by kind, with declared columns only, retried where it helps."""

import asyncio
import traceback
from uuid import uuid4

import asyncpg
import pytest

from ichor_core.contract import EffectKey
from ichor_core.errors import ConflictError, IchorError, InvalidInputError
from ichor_edgestore.database.pool import open_pool
from ichor_edgestore.effects import DeclaredTable, PostgresEffectStore

pytestmark = pytest.mark.servers

TABLE = "public.strict"
SECRETS = ("hidden", "argon2", "9876", "Failing row", "gone")
CREATE = """
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE DOMAIN given AS int NOT NULL;
    CREATE TABLE parents (n int PRIMARY KEY);
    INSERT INTO parents VALUES (1), (9876);
    CREATE TABLE strict (
        n serial PRIMARY KEY,
        a int CHECK (a <> 13),
        b int NOT NULL DEFAULT 0,
        word text UNIQUE,
        parent int REFERENCES parents,
        size positive,
        given given DEFAULT 1,
        during int4range,
        hidden_word text NOT NULL DEFAULT '$argon2$',
        hidden_number int DEFAULT 9876,
        made int GENERATED ALWAYS AS (1) STORED,
        CONSTRAINT a_and_hidden CHECK (a <> 14 OR hidden_number = 0),
        CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&)
    );
    CREATE UNIQUE INDEX on_hidden_word ON strict (hidden_word, (a)) WHERE a = 15;
    CREATE UNIQUE INDEX on_lower ON strict (lower(word));
    CREATE TABLE children (
        word text REFERENCES strict (word), hidden_word text NOT NULL DEFAULT '$argon2$'
    );
    CREATE VIEW counted AS SELECT a, count(*) AS n FROM strict GROUP BY a;
    CREATE VIEW small AS SELECT n, a FROM strict WHERE a < 5 WITH CHECK OPTION"""
TABLES = {
    TABLE: DeclaredTable(("a", "b", "word", "parent", "size", "given", "during", "made"), "n"),
    "public.counted": DeclaredTable(("a",), "n"),
    "public.small": DeclaredTable(("a",), "n"),
}


@pytest.fixture
async def strict(pool: asyncpg.Pool) -> PostgresEffectStore:
    await pool.execute(CREATE)
    return PostgresEffectStore(pool, TABLES)


def new_key() -> EffectKey:
    return EffectKey(str(uuid4()), str(uuid4()))


async def refusal_of(call) -> IchorError:
    with pytest.raises((InvalidInputError, ConflictError)) as caught:
        await call
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(secret in shown.replace(__file__, "") for secret in SECRETS), shown
    assert caught.value.__cause__ is None
    return caught.value


async def create(store: PostgresEffectStore, table: str = TABLE, **values: object) -> dict:
    return await store.create_record(new_key(), table, values)


async def update(store: PostgresEffectStore, changes: dict, where: object = None) -> dict:
    return await store.update_records(new_key(), TABLE, changes, where or {"all": []})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"b": None}, r"^public\.strict\.b: must not be null$"),
        ({"a": 13}, r"^public\.strict\.a: violates check constraint strict_a_check, .*\"a\":13"),
        ({"a": 14}, r"^public\.strict: violates a check constraint on what is not declared"),
        ({"word": "taken"}, r"^public\.strict\.word: duplicate: .*unique constraint.*\"taken\""),
        ({"word": "TAKEN"}, r"^public\.strict\.word: duplicate: .*on_lower"),
        ({"a": 15}, r"^public\.strict: violates a unique constraint on what is not declared"),
        ({"parent": 2}, r"^public\.strict\.parent: no row that it refers to .*\"parent\":2"),
        ({"size": -1}, r"^public\.strict\.size: .*check constraint \"positive_check\""),
        ({"given": None}, r"^public\.strict\.given: .*given does not allow null values"),
        ({"during": "[1,3)"}, r"^public\.strict\.during: conflicts with another row \(exclusion"),
        ({"made": 2}, r"^public\.strict: .*generated always \[428C9\]"),
        ({"a": 2**40}, r"^public\.strict\.a: .*out of range"),
    ],
)
async def test_each_kind_of_constraint_is_said_by_its_declared_columns(
    strict, values, message
) -> None:
    await create(strict, a=15, word="taken", during="[2,5)")
    error = await refusal_of(create(strict, **values))
    assert isinstance(error, InvalidInputError)
    with pytest.raises(InvalidInputError, match=message):
        raise error


async def test_what_other_tables_and_undeclared_columns_refuse_shows_nothing_of_them(
    strict, pool
) -> None:
    await create(strict, word="parent")
    await pool.execute("INSERT INTO children VALUES ('parent')")
    error = await refusal_of(update(strict, {"word": "other"}))
    assert str(error) == "public.strict: violates a foreign key of another table [23503]"
    await pool.execute("ALTER TABLE strict ALTER hidden_word DROP DEFAULT")
    error = await refusal_of(create(strict, a=1))
    assert (
        str(error) == "public.strict: violates a not-null constraint on what is not declared"
        " [23502]"
    )


async def test_constraints_that_are_checked_at_the_commit_are_explained(strict, pool) -> None:
    await pool.execute(
        "ALTER TABLE strict ALTER CONSTRAINT strict_parent_fkey DEFERRABLE INITIALLY DEFERRED"
    )
    error = await refusal_of(create(strict, parent=3))
    assert str(error).startswith("public.strict.parent: no row that it refers to is there")


async def test_a_constraint_of_a_partition_is_one_of_the_table(pool) -> None:
    await pool.execute("""
        CREATE TABLE parted (n int, a int CHECK (a > 0), hidden int) PARTITION BY LIST (n);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)""")
    store = PostgresEffectStore(pool, {"public.parted": DeclaredTable(("a",), "n")})
    await pool.execute("ALTER TABLE parted ALTER n SET DEFAULT 1")
    error = await refusal_of(create(store, "public.parted", a=0))
    assert str(error).startswith("public.parted.a: violates check constraint")


@pytest.mark.parametrize(
    ("raised", "message", "passes"),
    [
        ("'no credit'", "no credit [P0001]", False),
        ("'no credit' USING ERRCODE = 'CR001', DETAIL = NEW::text", "no credit [CR001]", False),
        ("'too much' USING ERRCODE = 'check_violation'", "too much [23514]", False),
        ("'not that' USING ERRCODE = '22023'", "not that [22023]", False),
        ("'later' USING ERRCODE = '40001'", "another transaction", True),
    ],
)
async def test_what_a_trigger_raises_is_shown_with_its_code(
    strict, pool, raised, message, passes
) -> None:
    await pool.execute(f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION {raised}; END$$;
        CREATE TRIGGER refuse BEFORE INSERT ON strict FOR EACH ROW EXECUTE FUNCTION refuse()""")
    error = await refusal_of(create(strict, a=1))
    assert message in str(error)
    assert isinstance(error, ConflictError) is passes


@pytest.mark.parametrize(
    "body",
    [
        "NEW.a := (NEW.hidden_word || NEW.hidden_number)::int;",
        "INSERT INTO children (hidden_word) VALUES (NULL);",
        "INSERT INTO gone VALUES (NEW.hidden_number);",
        "NEW.gone := 1;",
        "NEW.a := 1 / (NEW.hidden_number - 9876);",
    ],
)
async def test_what_a_trigger_stumbles_over_shows_no_row(strict, pool, body) -> None:
    await pool.execute(f"""
        CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN {body} RETURN NEW; END$$;
        CREATE TRIGGER stumble BEFORE INSERT ON strict FOR EACH ROW EXECUTE FUNCTION stumble()""")
    error = await refusal_of(create(strict, a=1))
    assert isinstance(error, InvalidInputError)


async def test_views_that_cannot_be_written_are_explained(strict) -> None:
    error = await refusal_of(create(strict, "public.counted", a=1))
    assert "view that is not updatable [55000]" in str(error)
    error = await refusal_of(create(strict, "public.small", a=7))
    assert "WITH CHECK OPTION" in str(error)


async def test_privileges_and_row_security_are_explained(strict, pool, database) -> None:
    role = f"limited_{uuid4().hex}"
    await pool.execute(f"""
        CREATE ROLE {role} LOGIN PASSWORD 'limited';
        GRANT USAGE ON SCHEMA workflow TO {role};
        GRANT ALL ON ALL TABLES IN SCHEMA workflow TO {role};
        GRANT SELECT ON strict TO {role}""")
    server = database.rsplit("@", 1)[1]
    limited = await open_pool(f"postgresql://{role}:limited@{server}")
    try:
        store = PostgresEffectStore(limited, TABLES)
        error = await refusal_of(create(store, a=1))
        assert "lacks a privilege" in str(error)
        await pool.execute(f"""
            GRANT ALL ON strict, strict_n_seq TO {role};
            ALTER TABLE strict ENABLE ROW LEVEL SECURITY;
            CREATE POLICY few ON strict USING (true) WITH CHECK (hidden_number = 0)""")
        error = await refusal_of(create(store, a=1))
        assert "row level security" in str(error)
    finally:
        await limited.close()
        await pool.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def test_a_lock_that_is_not_given_in_time_may_pass(strict, pool, database) -> None:
    await create(strict, a=1)
    for setting, state in (("lock_timeout", "55P03"), ("statement_timeout", "57014")):
        name = database.rsplit("/", 1)[1].partition("?")[0]
        await pool.execute(f'ALTER DATABASE "{name}" SET {setting} = 50')
        impatient = await open_pool(database)
        await pool.execute(f'ALTER DATABASE "{name}" RESET {setting}')
        async with pool.acquire() as holder, holder.transaction():
            await holder.execute("SELECT FROM strict FOR UPDATE")
            store = PostgresEffectStore(impatient, TABLES)
            error = await refusal_of(update(store, {"a": 2}))
        await impatient.close()
        assert isinstance(error, ConflictError)
        assert f"[{state}]" in str(error)
    assert (await update(strict, {"a": 2})) == {"updated": 1}


async def test_a_deadlock_may_pass(strict, pool) -> None:
    for word in ("one", "two"):
        await create(strict, word=word)
    first, second = ({"field": "word", "operator": "equals", "value": w} for w in ("one", "two"))
    await pool.execute("""
        CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
            PERFORM FROM strict WHERE word <> OLD.word FOR UPDATE; RETURN NEW;
        END$$;
        CREATE TRIGGER other AFTER UPDATE ON strict FOR EACH ROW EXECUTE FUNCTION other()""")
    async with pool.acquire() as holder:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT FROM strict WHERE word = 'two' FOR UPDATE")
        going = asyncio.create_task(update(strict, {"a": 1}, first))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while await pool.fetchval(waiting) < 1:
            await asyncio.sleep(0)
        ends = await asyncio.gather(
            going,
            holder.execute("SELECT FROM strict WHERE word = 'one' FOR UPDATE"),
            return_exceptions=True,
        )
        await transaction.rollback()
    errors = [end for end in ends if isinstance(end, Exception)]
    assert len(errors) == 1
    if isinstance(errors[0], ConflictError):
        assert "deadlock" in str(errors[0])
    else:
        assert isinstance(errors[0], asyncpg.DeadlockDetectedError)
    assert (await update(strict, {"a": 2}, second)) == {"updated": 1}
