# A host of a lab as a machine, by what OpenTofu brings itself: no provider is needed.
# Its two commands may be repeated: to add one that is there, or to remove one that there is not, changes nothing. What becomes
# of a host otherwise is not noticed: terraform_data looks at nothing.

terraform {
  required_version = ">= 1.6"
}

variable "command" {
  description = "Path of lab/lab."
  type        = string
}

variable "lab" {
  description = "Name of a lab that is up."
  type        = string
}

variable "name" {
  description = "Name of the machine, and its host name."
  type        = string
}

variable "address" {
  description = "A free address of the lab's network."
  type        = string
}

variable "user" {
  description = "Who logs in and may use sudo."
  type        = string
}

variable "public_key" {
  description = "The key that the user logs in with."
  type        = string
}

resource "terraform_data" "machine" {
  # All that its end needs stands in the state: variables are not known by then.
  input = {
    command    = var.command
    lab        = var.lab
    name       = var.name
    address    = var.address
    user       = var.user
    public_key = var.public_key
  }
  triggers_replace = [var.lab, var.name, var.address, var.user, var.public_key]

  provisioner "local-exec" {
    command = "exec \"$COMMAND\" add \"$LAB\" \"$NAME\" --address \"$ADDRESS\" --user \"$LOGIN\" --public-key \"$PUBLIC_KEY\""
    environment = {
      COMMAND    = self.input.command
      LAB        = self.input.lab
      NAME       = self.input.name
      ADDRESS    = self.input.address
      LOGIN      = self.input.user
      PUBLIC_KEY = self.input.public_key
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "exec \"$COMMAND\" remove \"$LAB\" \"$NAME\""
    environment = {
      COMMAND = self.input.command
      LAB     = self.input.lab
      NAME    = self.input.name
    }
  }
}

output "address" {
  value = terraform_data.machine.output.address
}
