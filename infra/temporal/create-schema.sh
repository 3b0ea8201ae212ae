#!/bin/sh
# Creates Temporal's two databases, or brings them to the newest schema. May run again.
# The password is read from SQL_PASSWORD.
set -eu
tables() { # database, folder of its schema
    sql() {
        temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" -p 5432 -u "$SQL_USER" --db "$@"
    }
    sql "$1" create
    sql "$1" setup-schema -v 0.0
    sql "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}
tables temporal temporal
tables temporal_visibility visibility
