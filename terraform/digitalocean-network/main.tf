# What machines of one cluster share at DigitalOcean: a private network, a firewall, and, where they are asked for, a load
# balancer for the API and a key. It has a state of its own: no machine's end touches it.
#
# Machines belong to it by the tag, which they are given: the firewall and the load balancer are for whatever has it. Each
# thing carries the uid, so that it is found again when nobody knows of it any more: keep that when you change this file.

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

locals {
  anywhere = ["0.0.0.0/0", "::/0"]
}

resource "digitalocean_tag" "members" {
  name = "slipway-network-${var.uid}"
}

resource "digitalocean_vpc" "network" {
  name        = var.name
  region      = var.region
  ip_range    = var.ip_range
  description = "Slipway network ${var.uid}"
}

resource "digitalocean_firewall" "members" {
  name = "${var.name}-${var.uid}"
  tags = [digitalocean_tag.members.name]

  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = var.ssh_from
  }

  # Members reach each other's every port: etcd, the kubelet, the network of the pods.
  dynamic "inbound_rule" {
    for_each = toset(["tcp", "udp"])
    content {
      protocol    = inbound_rule.value
      port_range  = "1-65535"
      source_tags = [digitalocean_tag.members.name]
    }
  }
  inbound_rule {
    protocol    = "icmp"
    source_tags = [digitalocean_tag.members.name]
  }

  dynamic "inbound_rule" {
    for_each = length(var.api_from) > 0 ? [1] : []
    content {
      protocol         = "tcp"
      port_range       = "6443"
      source_addresses = var.api_from
    }
  }

  # The API, and the port at which RKE2's servers take new members.
  dynamic "inbound_rule" {
    for_each = toset(var.load_balancer ? ["6443", "9345"] : [])
    content {
      protocol                  = "tcp"
      port_range                = inbound_rule.value
      source_load_balancer_uids = [digitalocean_loadbalancer.api[0].id]
    }
  }

  dynamic "inbound_rule" {
    for_each = toset(var.public_ports)
    content {
      protocol         = "tcp"
      port_range       = inbound_rule.value
      source_addresses = local.anywhere
    }
  }

  dynamic "outbound_rule" {
    for_each = toset(["tcp", "udp"])
    content {
      protocol              = outbound_rule.value
      port_range            = "1-65535"
      destination_addresses = local.anywhere
    }
  }
  outbound_rule {
    protocol              = "icmp"
    destination_addresses = local.anywhere
  }
}

resource "digitalocean_loadbalancer" "api" {
  count       = var.load_balancer ? 1 : 0
  name        = "${var.name}-${var.uid}"
  region      = var.region
  vpc_uuid    = digitalocean_vpc.network.id
  droplet_tag = digitalocean_tag.members.name

  dynamic "forwarding_rule" {
    for_each = [6443, 9345]
    content {
      entry_port      = forwarding_rule.value
      entry_protocol  = "tcp"
      target_port     = forwarding_rule.value
      target_protocol = "tcp"
    }
  }

  # Members that serve no API, as workers, do not answer here, and are sent nothing.
  healthcheck {
    protocol = "tcp"
    port     = 6443
  }
}

resource "digitalocean_ssh_key" "login" {
  count      = var.ssh_key ? 1 : 0
  name       = "${var.name}-${var.uid}"
  public_key = var.login_key
}
