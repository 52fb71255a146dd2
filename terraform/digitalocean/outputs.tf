# Slipway reaches it at the first of `addresses`, and other nodes of a cluster at `internal_address`; what else is told is
# shown by `slipway machine show`.

output "addresses" {
  value = [var.private ? digitalocean_droplet.machine.ipv4_address_private : digitalocean_droplet.machine.ipv4_address]
}

output "internal_address" {
  value = digitalocean_droplet.machine.ipv4_address_private
}

output "droplet" {
  value = digitalocean_droplet.machine.id
}
