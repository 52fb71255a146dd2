# Slipway reaches it at the first of `addresses`; what else is told is shown by `slipway machine show`.

output "addresses" {
  value = libvirt_domain.machine.network_interface[0].addresses
}

output "domain" {
  value = libvirt_domain.machine.id
}
