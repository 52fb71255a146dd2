# A machine is a folder of the yard. Its provisioners are held up while a file NAME.hold is there, and fail while there
# is NAME.fail; with NAME.silent nobody answers. Each leaves a line in NAME.done.

variable "name" {
  type = string
}
variable "yard" {
  type = string
}
variable "address" {
  type = string
}
variable "cpus" {
  type    = number
  default = 1
}
variable "memory_mib" {
  type    = number
  default = 1024
}

resource "terraform_data" "place" {
  input = { yard = var.yard, name = var.name, address = var.address }

  provisioner "local-exec" {
    command = "mkdir -p \"${self.input.yard}/${self.input.name}\" && echo made >> \"${self.input.yard}/${self.input.name}.done\""
  }
  provisioner "local-exec" {
    when    = destroy
    command = <<-EOT
      cd "${self.input.yard}"
      while [ -e "${self.input.name}.hold-destroy" ]; do sleep 0.05; done
      [ ! -e "${self.input.name}.fail-destroy" ] || exit 1
      rm -rf "${self.input.name}" "at-${self.input.address}"
      echo removed >> "${self.input.name}.done"
    EOT
  }
}

resource "terraform_data" "machine" {
  # What can be changed in place, and what needs it anew.
  input            = var.cpus
  triggers_replace = [terraform_data.place.id, var.memory_mib]

  provisioner "local-exec" {
    command = <<-EOT
      cd "${var.yard}"
      while [ -e "${var.name}.hold" ]; do sleep 0.05; done
      if [ -e "${var.name}.fail" ]; then echo "no place for ${var.name}" >&2; exit 1; fi
      echo "${self.id}" > "${var.name}/id"
      [ -e "${var.name}.silent" ] || echo "${var.name}" > "at-${var.address}"
    EOT
  }
}

output "addresses" {
  value = [terraform_data.place.output.address]
}
output "cpus" {
  value = terraform_data.machine.output
}
