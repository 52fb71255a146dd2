import { SlipwayError } from '../domain/errors.ts'

/** A map of a kubeconfig, as it was written. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Null where there is none, or an empty one. @throws SlipwayError `kubeconfig-invalid` when it is no text. */
export function textOf(fields: Fields, key: string, place: string): string | null {
  const value = fields[key] ?? ''
  if (typeof value !== 'string') return refuse(`${place ? `${place}: ` : ''}${key} is no text`, 'Put quotes around it.')
  return value === '' ? null : value
}

export const flatten = 'Embed the files: `kubectl config view --raw --flatten` shows it with their contents.'

/** @throws SlipwayError `kubeconfig-invalid`, always. */
export function refuse(message: string, remedy?: string): never {
  throw new SlipwayError('kubeconfig-invalid', `the kubeconfig: ${message}`, remedy === undefined ? {} : { remedy })
}
