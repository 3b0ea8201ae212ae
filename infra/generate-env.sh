#!/bin/sh
# Gives infra/.env, or the file that is named, a random password or key wherever it has none, and
# refuses those that everybody knows. Values that are there stay.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-"$here/.env"}

random() { head -c 24 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
value_of() { sed -n "s/^$1=//p" "$file" | tail -n 1 | tr -d "\"' "; }
put() { # name, value
    if grep -q "^$1=" "$file"; then
        sed "s|^$1=.*|$1=$2|" "$file" >"$file.new"
    else
        { cat "$file"; printf '\n%s=%s\n' "$1" "$2"; } >"$file.new"
    fi
    # Not mv: the file keeps its owner, and may be mounted.
    cat "$file.new" >"$file"
    rm "$file.new"
}

if [ ! -e "$file" ]; then
    cp "$here/.env.example" "$file"
    echo "$file is new, with passwords of its own" >&2
fi
known=
for name in POSTGRES_PASSWORD OWNER_PASSWORD SERVICE_PASSWORD RABBITMQ_PASSWORD GRAFANA_PASSWORD \
    REPLY_TOKEN_KEYS; do
    case $(value_of "$name") in
    '')
        if [ "$name" = REPLY_TOKEN_KEYS ]; then
            put "$name" "$(head -c 32 /dev/urandom | base64 | tr -d '\n')"
        else
            put "$name" "$(random)"
        fi
        ;;
    # Of examples, of this project and of others.
    development | password | postgres | guest | admin | secret | changeme | ichor | \
        *ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE=*) known="$known $name" ;;
    esac
done
if [ -n "$known" ]; then
    echo "error: everybody knows these values in $file:$known" >&2
    echo "Set others; where a server already has the old one: infra/README.md, Change a password" >&2
    exit 2
fi
