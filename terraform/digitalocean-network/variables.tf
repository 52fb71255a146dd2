# What Slipway says of everything that it makes.

variable "name" {
  type        = string
  description = "Name of the VPC: no other one of the account has it"
}
variable "uid" {
  type        = string
  description = "16 characters by which what is made of it is known"
}
variable "login_key" {
  type        = string
  default     = null
  description = "Public key of the login that it was created with"
}

# Settings of this provider: `--set NAME=VALUE`, or below `digitalocean-network:` in a file.

variable "region" {
  type = string
}
variable "ip_range" {
  type        = string
  default     = null
  description = "Addresses of the VPC, as 10.20.0.0/20; null: DigitalOcean chooses"
}
variable "ssh_from" {
  type        = list(string)
  default     = ["0.0.0.0/0", "::/0"]
  description = "Who may log in"
}
variable "api_from" {
  type        = list(string)
  default     = []
  description = "Who may ask the API of the members themselves"
}
variable "public_ports" {
  type        = list(string)
  default     = []
  description = "Ports that everybody may reach, such as 80 and 443"
}
variable "load_balancer" {
  type        = bool
  default     = false
  description = "A load balancer for the API, for money"
}
variable "ssh_key" {
  type        = bool
  default     = false
  description = "The account gets the public key of the login; refused where it has it already"
}
