"""What only RKE2 has on a host."""
