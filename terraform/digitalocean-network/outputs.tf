# What machines are given: --set vpc=…, --set tags=…, --set ssh_keys=…

output "vpc" {
  value = digitalocean_vpc.network.id
}

output "tag" {
  value = digitalocean_tag.members.name
}

output "ssh_key" {
  value = var.ssh_key ? digitalocean_ssh_key.login[0].fingerprint : null
}

output "api_address" {
  value = var.load_balancer ? digitalocean_loadbalancer.api[0].ip : null
}
