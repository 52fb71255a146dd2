/** All texts in a value, and what those say that are base64. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, Buffer.from(value, 'base64').toString('utf8')]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}
