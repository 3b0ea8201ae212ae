#!/bin/sh
# Writes compose.digests.yaml: what the registries say today that each image of others in compose.yaml
# is. docker-compose.sh then uses exactly these, whatever becomes of the tags. Run it again, and look
# at the difference, to take newer ones. It needs Docker with buildx, and the registries.
set -eu
cd "$(dirname "$0")"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
echo "# Written by pin-images.sh." >"$new"
echo "services:" >>"$new"
awk '/^services:/ {inside = 1; next} /^[a-z]/ {inside = 0}
    inside && /^  [a-z-]+:/ {service = $1}
    inside && /^    image: / && $2 !~ /^ichor\// {print service, $2}' compose.yaml |
    while read -r service image; do
        digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
        case $digest in
        sha256:*) printf '  %s\n    image: %s@%s\n' "$service" "$image" "$digest" ;;
        *)
            echo "error: no digest for $image: $digest" >&2
            exit 1
            ;;
        esac
    done >>"$new"
cat "$new" >compose.digests.yaml
