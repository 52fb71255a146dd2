# What Slipway says of every machine.

variable "name" {
  type        = string
  description = "Its hostname, and the name of its droplet"
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
  default     = "debian-12-x64"
  description = "Slug of an image, or the number of a snapshot"
}

# Settings of this provider: `--set NAME=VALUE`, or below `digitalocean:` in a file.

variable "region" {
  type = string
}
variable "size" {
  type        = string
  description = "Slug; where memory and CPUs are asked for in its place, Slipway makes it of them"
}
variable "vpc" {
  type        = string
  default     = null
  description = "UUID of a VPC of the region; null: the region's default one"
}
variable "ssh_keys" {
  type        = list(string)
  default     = null
  description = "Numbers or fingerprints of keys of the account, which root lets in"
}
variable "tags" {
  type        = list(string)
  default     = []
  description = "Tags, such as that of a firewall or a load balancer"
}
variable "private" {
  type        = bool
  default     = false
  description = "It is reached at its address in the VPC"
}
variable "ipv6" {
  type    = bool
  default = false
}
variable "monitoring" {
  type    = bool
  default = false
}
variable "backups" {
  type    = bool
  default = false
}
