#!/bin/sh
# Runs docker compose on infra/compose.yaml; says what to do where Docker is not there.
set -eu
cd "$(dirname "$0")"
without() {
    echo "error: $1" >&2
    echo "Without Docker: make up starts everything but the images, on servers of its own;" >&2
    echo "  ./scripts/uv run temporal server start-dev is a Temporal with its UI (port 8233)." >&2
    exit 2
}
docker compose version >/dev/null 2>&1 || without "docker compose is not installed"
docker info >/dev/null 2>&1 || without "no Docker engine answers; is it running?"
./generate-env.sh
# Images by digest, where pin-images.sh has written which.
if [ -e compose.digests.yaml ]; then
    set -- --file compose.yaml --file compose.digests.yaml "$@"
fi
exec docker compose "$@"
