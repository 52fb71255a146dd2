# What Slipway says of every machine.

variable "name" {
  type        = string
  description = "Its hostname, and the name of its domain"
}
variable "uid" {
  type        = string
  description = "16 characters by which what is made of it is known"
}
variable "user_data" {
  type        = string
  description = "#cloud-config with its hostname and its login"
}
variable "image" {
  type        = string
  description = "Volume of the pool; or an absolute path, or an http(s) address, of a qcow2 or raw image"
}
variable "memory_mib" {
  type    = number
  default = 2048
}
variable "cpus" {
  type    = number
  default = 2
}
variable "disk_gib" {
  type        = number
  default     = null
  description = "Size of its disk; null: that of the image"
}

# Settings of this provider: `--set NAME=VALUE`, or below `libvirt:` in a file.

variable "uri" {
  type    = string
  default = "qemu:///system"
}
variable "pool" {
  type    = string
  default = "default"
}
variable "network" {
  type    = string
  default = "default"
}
variable "bridge" {
  type        = string
  default     = null
  description = "Bridge of the host, in place of a network of libvirt"
}
variable "address" {
  type        = string
  default     = null
  description = "Address that the network's DHCP gives it; null: any"
}
variable "virtualization" {
  type        = string
  default     = "kvm"
  description = "kvm; or qemu, where the processor can't do it: far slower"
}
variable "autostart" {
  type        = bool
  default     = true
  description = "It starts with its host"
}
variable "agent" {
  type        = bool
  default     = false
  description = "Its image has the QEMU guest agent, which then tells its addresses"
}
