# `addresses` is what Slipway reads; others are shown by `slipway machine show`.

output "addresses" {
  value = libvirt_domain.machine.network_interface[0].addresses
}

output "domain" {
  value = libvirt_domain.machine.id
}
