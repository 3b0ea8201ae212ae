"""What every Ichor process needs: settings, telemetry, Temporal client, health, shutdown."""
