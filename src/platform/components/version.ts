/** Versions of images and charts, as far as they tell which is older. */

/** `5.8.2` of `registry.example/postgres-operator:ubi9-5.8.2-0`; null where a tag names none, or there is none. Pure. */
export function versionOfImage(image: string): string | null {
  // The port of a registry is before the last slash.
  const [, tag] = /:([^:/@]+)(?:@.*)?$/.exec(image.slice(image.lastIndexOf('/') + 1)) ?? []
  return tag === undefined ? null : versionIn(tag)
}

/** `postgres-operator` of `registry.example:5000/mirror/postgres-operator:1.2.3@sha256:…`. Pure. */
export const nameOfImage = (image: string): string => image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/, '')

/** The first `1.2.3`, or `1.2`, in a text. Pure. */
export function versionIn(text: string): string | null {
  return (/\d+\.\d+\.\d+/.exec(text) ?? /\d+\.\d+/.exec(text))?.[0] ?? null
}

/** Whether the first one is older; versions of two numbers are the first of theirs. Pure. */
export function isOlder(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)]
  const at = one.findIndex((number, index) => number !== other[index])
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0)
}

function numbersOf(version: string): readonly number[] {
  const [major = 0, minor = 0, patch = 0] = (versionIn(version) ?? '0').split('.').map(Number)
  return [major, minor, patch]
}
