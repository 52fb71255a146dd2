# One machine of libvirt: a disk, what cloud-init reads at the first boot, and a domain.
#
# Whatever is made here carries the machine's uid: the domain in its description, the volumes in their names. By that it is
# found again when nobody knows of it any more, and nothing of somebody else's can be taken for it. Keep the uid there when
# you change this file. The pool and the network are not made here, since machines share them.

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
      # 0.9 is another provider by the same name: its resources have other arguments.
      version = "~> 0.8.0"
    }
  }
}

provider "libvirt" {
  uri = var.uri
}

locals {
  # A path or an address is fetched for this machine alone; a bare name is a volume of the pool, over which the disk is laid.
  is_fetched = length(regexall("/", var.image)) > 0
}

resource "libvirt_volume" "image" {
  count  = local.is_fetched ? 1 : 0
  name   = "${var.name}-${var.uid}-image"
  pool   = var.pool
  source = var.image
}

resource "libvirt_volume" "disk" {
  name             = "${var.name}-${var.uid}.qcow2"
  pool             = var.pool
  base_volume_id   = local.is_fetched ? libvirt_volume.image[0].id : null
  base_volume_name = local.is_fetched ? null : var.image
  # Not given: as large as its image. cloud-init lets the file system grow into a larger one.
  size = var.disk_gib == null ? null : var.disk_gib * 1024 * 1024 * 1024
}

resource "libvirt_cloudinit_disk" "first_boot" {
  name      = "${var.name}-${var.uid}-cloudinit.iso"
  pool      = var.pool
  user_data = var.user_data
  meta_data = jsonencode({ instance-id = var.uid, local-hostname = var.name })

  # It is read once. Another key or login later is no reason to make anything anew.
  lifecycle {
    ignore_changes = [user_data]
  }
}

resource "libvirt_domain" "machine" {
  name        = var.name
  description = "Slipway machine ${var.uid}"
  type        = var.virtualization
  memory      = var.memory_mib
  vcpu        = var.cpus
  autostart   = var.autostart
  qemu_agent  = var.agent
  cloudinit   = libvirt_cloudinit_disk.first_boot.id

  # The processor that libvirt shows otherwise lacks what newer container images ask for (x86-64-v2).
  cpu {
    mode = var.virtualization == "kvm" ? "host-passthrough" : "maximum"
  }

  disk {
    volume_id = libvirt_volume.disk.id
  }

  # No wait_for_lease: an address that does not come would mark a domain that runs as one to be made anew. Slipway waits for
  # it afterwards, and asks the leases, the guest agent and the neighbours that the host knows.
  network_interface {
    network_name = var.bridge == null ? var.network : null
    bridge       = var.bridge
    addresses    = var.address == null ? null : [var.address]
  }

  # For `virsh console`; images that log to a serial port wait for one that is not there.
  console {
    type        = "pty"
    target_type = "serial"
    target_port = "0"
  }
}
