import type { Json } from '../../../contract/json.ts'
import type { KeyFileKind } from '../../../domain/clusterFile/keyFiles.ts'
import { type Reading, refuse } from '../../../domain/clusterFile/secretLine.ts'
import { readSecretValues } from '../../../platform/chartFiles.ts'
import { ownVariableRefused, variableFaults } from './ownVariables.ts'

/** A file with variables that nobody is shown, like a group_vars file of Ansible. */
export const secretVars: KeyFileKind = { name: 'kubespray-variables', maxBytes: 256 * 1024, read: readSecretVars }

/** Variables by name. Never quotes what stands in the file. */
export function readSecretVars(contents: string): Reading<Readonly<Record<string, Json>>> {
  const read = readSecretValues(contents)
  if (!read.ok)
    return refuse(
      'secret-vars-invalid',
      read.fault.message,
      'Write it like a file of group_vars: one map of YAML, NAME: VALUE.',
    )
  for (const name of Object.keys(read.value)) {
    const own = ownVariableRefused(name)
    if (own) return refuse('secret-vars-invalid', own.message, own.remedy)
    if (!variableName.test(name)) return refuse('secret-vars-invalid', 'a name in it is none of a variable', nameForm)
  }
  return variableFaults(read.value, []).some(({ kind }) => kind === 'template')
    ? refuse(
        'secret-vars-invalid',
        'a value in it is a template ({{ … }}), which is not rendered',
        'Write the value itself.',
      )
    : read
}

export const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,200}$/
export const nameForm = 'A variable of Ansible has letters, digits and _, and begins with no digit.'
