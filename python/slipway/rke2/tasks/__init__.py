"""What the playbooks' own tasks do on a host (ansible/action_plugins). Each module has an `act`."""
