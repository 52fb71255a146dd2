# One machine of DigitalOcean: a droplet, and the tag by which it is found again when nobody knows of it any more: names of
# droplets are not unique. Keep the tag when you change this file.
#
# What machines share is not made here: a VPC, a firewall, a load balancer and a key are those of ../digitalocean-network,
# or your own.

terraform {
  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.0"
    }
  }
}

# Its token comes from the environment: DIGITALOCEAN_TOKEN.
provider "digitalocean" {}

resource "digitalocean_tag" "machine" {
  name = "slipway-${var.uid}"
}

resource "digitalocean_droplet" "machine" {
  name       = var.name
  region     = var.region
  size       = var.size
  image      = var.image
  vpc_uuid   = var.vpc
  ssh_keys   = var.ssh_keys
  tags       = concat([digitalocean_tag.machine.name], var.tags)
  user_data  = var.user_data
  ipv6       = var.ipv6
  monitoring = var.monitoring
  backups    = var.backups

  # Both are read at the first boot. Another key or login later is no reason to destroy a droplet.
  lifecycle {
    ignore_changes = [user_data, ssh_keys]
  }
}
