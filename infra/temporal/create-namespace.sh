#!/bin/sh
# Creates the namespace TEMPORAL_NAMESPACE at TEMPORAL_ADDRESS, unless it is there, and waits until
# it can be used: the server takes a while to know it everywhere.
set -eu
usable() { temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --limit 1 >/dev/null; }
known() { temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; }

known || temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h
attempts=60
until usable; do
    attempts=$((attempts - 1))
    if [ "$attempts" = 0 ]; then
        echo "error: the namespace $TEMPORAL_NAMESPACE cannot be used" >&2
        exit 1
    fi
    sleep 1
done
