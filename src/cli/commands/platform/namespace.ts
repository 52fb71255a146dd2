import { InvalidArgumentError } from 'commander'
import { clusterName } from '../../../domain/names.ts'

/** Reads `--namespace`. @throws InvalidArgumentError for what is no name of one. */
export function namespaceOf(text: string): string {
  const read = clusterName.safeParse(text)
  if (read.success) return read.data
  throw new InvalidArgumentError(read.error.issues[0]?.message ?? 'a name of a namespace is needed')
}
