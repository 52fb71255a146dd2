import type { z } from 'zod'

/** Of these fields of a value each that is right; the others are undefined. Pure. */
export const validParts = <Shape extends Readonly<Record<string, z.ZodType>>, Key extends keyof Shape & string>(
  shape: Shape,
  value: unknown,
  keys: readonly Key[],
) =>
  Object.fromEntries(keys.map(key => [key, shape[key]?.safeParse(field(value, key)).data])) as {
    readonly [Each in Key]?: z.output<Shape[Each]> | undefined
  }

export const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
