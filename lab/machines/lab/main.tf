# A host of a lab. What takes it away belongs to a resource of its own that is made first: Terraform destroys one whose
# making has failed without asking its provisioners, and the host would stay.

variable "name" {
  type = string
}
variable "lab" {
  type = string
}
variable "program" {
  type = string
}
variable "user_data" {
  type = string
}
variable "memory_mib" {
  type    = number
  default = null
}

resource "terraform_data" "place" {
  input = { program = var.program, lab = var.lab, name = var.name }

  provisioner "local-exec" {
    when    = destroy
    command = "\"${self.input.program}\" remove \"${self.input.lab}\" \"${self.input.name}\""
  }
}

resource "terraform_data" "machine" {
  input            = var.user_data
  triggers_replace = [terraform_data.place.id]

  provisioner "local-exec" {
    command = <<-EOT
      printf %s "$USER_DATA" > "${path.module}/user-data.yaml"
      "${var.program}" add "${var.lab}" "${var.name}" --user-data "${path.module}/user-data.yaml" > "${path.module}/${self.id}.json"
    EOT
    environment = {
      USER_DATA = var.user_data
    }
  }
}

# Hosts of a lab have no memory of their own: it is only told, and changed in place.
resource "terraform_data" "size" {
  input = { memory_mib = var.memory_mib }
}

locals {
  # Its name is known only once the host is made: until then there is nothing to read.
  told = "${path.module}/${terraform_data.machine.id}.json"
}

resource "terraform_data" "address" {
  input = fileexists(local.told) ? jsondecode(file(local.told)).address : ""

  lifecycle {
    ignore_changes = [input]
  }
}

output "addresses" {
  value = [terraform_data.address.output]
}
