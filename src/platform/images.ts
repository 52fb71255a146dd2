import { z } from 'zod'
import type { Json } from '../contract/json.ts'
import type { ImageSettings } from './contract.ts'

/** Where images come from. */

/** `registry.example:5000/mirror` */
export const registryAddress = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9._-]+)*$/,
    'a registry is written like registry.example:5000, or with a path behind it; without https://',
  )

/**
 * An image as one text, of a chart that takes it so; null where the chart's own is meant. Pure.
 * @param repository as the chart has it, with its registry.
 */
export function imageAt(repository: string, tag: string, set: ImageSettings): string | null {
  if (set.registry === undefined && set.repository === undefined && set.tag === undefined) return null
  const [registry = '', ...path] = repository.split('/')
  return `${set.registry ?? registry}/${set.repository ?? path.join('/')}:${set.tag ?? tag}`
}

/** `{ image: { registry, … } }` of a chart that takes its image so; empty where nothing is set. Pure. */
export function imageValues(set: ImageSettings): Record<string, Json> {
  const entries = Object.entries(set).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return entries.length === 0 ? {} : { image: Object.fromEntries(entries) }
}
