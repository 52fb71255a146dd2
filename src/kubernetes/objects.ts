import { SlipwayError } from '../domain/errors.ts'
import type { ApiObject, Place, Resource } from './resource.ts'

/** Which objects of a resource; all of them where nothing is said. */
export interface Query {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

/** The one object at a place, for what takes many. Pure. */
export const queryOfOne = ({ namespace, name }: Place): Query => ({ namespace, fieldSelector: `metadata.name=${name}` })

/** What the API says of one object. @param about what was asked. @throws SlipwayError `api-reply-invalid`. */
export function readObject<T extends ApiObject>({ shape, kind }: Resource<T>, answer: unknown, about: string): T {
  const read = shape.safeParse(answer)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new SlipwayError(
    'api-reply-invalid',
    `${about}: a ${kind} in the answer is none: ${issue?.path.join('.')}: ${issue?.message}`,
  )
}

/** `?a=b&c=d` of those that are said; empty for none. */
export function queryText(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const said = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  const text = said.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')
  return text === '' ? '' : `?${text}`
}
