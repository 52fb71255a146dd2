import { describe, expect, it } from 'vitest'
import { parseRke2Version, rke2Version, versionInUrl } from './version.ts'

describe('a version of RKE2', () => {
  it('is read into its parts', () => {
    expect(parseRke2Version('v1.34.1+rke2r1')).toEqual({ major: 1, minor: 34, patch: 1, prerelease: null, revision: 1 })
    expect(parseRke2Version('v1.34.1-rc2+rke2r3')).toMatchObject({ prerelease: 'rc2', revision: 3 })
  })

  it.each([
    '1.34.1+rke2r1',
    'v1.34.1',
    'v1.34+rke2r1',
    'v1.34.1+rke2r1 ',
    'v1.34.1+rke2r1\n',
    'v1.34.1+k3s1',
    '../v1.34.1+rke2r1',
    '',
  ])('is refused when malformed: %j', text => {
    expect(rke2Version.safeParse(text).success).toBe(false)
    expect(() => parseRke2Version(text)).toThrow(RangeError)
  })

  it('has its plus escaped in URLs', () => {
    expect(versionInUrl('v1.34.1+rke2r1')).toBe('v1.34.1%2Brke2r1')
  })
})
