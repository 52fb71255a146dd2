import { z } from 'zod'

/** An RKE2 version as its releases spell it: `v1.34.1+rke2r1`, also release candidates (`v1.34.1-rc1+rke2r1`). */
const pattern = /^v(\d+)\.(\d+)\.(\d+)(?:-([0-9a-z.]+))?\+rke2r(\d+)$/

export const rke2Version = z.string().regex(pattern, 'a version is written like v1.34.1+rke2r1')

export interface Rke2Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
  readonly prerelease: string | null
  readonly revision: number
}

/** @throws RangeError when the text is not a version; parse at the door with `rke2Version` first. */
export function parseRke2Version(text: string): Rke2Version {
  const match = pattern.exec(text)
  if (!match) throw new RangeError(`not an RKE2 version: ${text}`)
  const [, major, minor, patch, prerelease, revision] = match
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease: prerelease ?? null,
    revision: Number(revision),
  }
}

/** `+` becomes `%2B` in release URLs (docs of RKE2's install script). */
export const versionInUrl = (version: string): string => version.replaceAll('+', '%2B')
