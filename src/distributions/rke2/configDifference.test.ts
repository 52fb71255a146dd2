import { describe, expect, it } from 'vitest'
import { configDifference, needsRestart, tellDifference } from './configDifference.ts'

const wanted = (parts: Readonly<Record<string, string>>, config = 'wanted') => ({
  config,
  parts,
  registries: null,
  environment: null,
})
const present = (
  parts: Readonly<Record<string, string>> | null,
  registries: { hmac: string; marked: boolean } | null = null,
) => ({
  config: 'present',
  parts,
  server: null,
  registries,
  environment: null,
})
const told = (...given: Parameters<typeof configDifference>) => {
  const difference = configDifference(...given)
  return difference && [tellDifference(difference), needsRestart(difference)]
}
const base = { token: '1', 'node-name': '2', 'node-label': '3' }

describe('what differs in the files of a host', () => {
  it('is told by the names of keys, never their values', () => {
    expect(told([wanted(base)], present({ token: '9', 'node-label': '3', debug: '4' }))).toEqual([
      'token is another one; debug is not wanted; node-name is missing',
      true,
    ])
  })

  it('needs no restart where the API takes it as well, and nothing else differs', () => {
    expect(told([wanted(base)], present({ ...base, 'node-label': '4' }))).toEqual(['node-label is another one', false])
    expect(told([wanted({ ...base, 'node-taint': '5' })], present(base))).toEqual(['node-taint is missing', false])
    const file = { hmac: 'f', marked: true }
    expect(told([wanted(base)], present({ ...base, 'node-label': '4' }, file))).toEqual([
      'node-label is another one; registries.yaml is another one',
      true,
    ])
  })

  it('is told of the form that is nearest, and of none where the keys cannot be told', () => {
    expect(told([wanted({ ...base, server: '6' }), wanted(base)], present({ ...base, debug: '4' }))).toEqual([
      'debug is not wanted',
      true,
    ])
    expect(told([wanted(base)], present(null))).toEqual(['', true])
    expect(told([wanted(base)], present(base))).toEqual(['', true])
    expect(told([], present(base))).toBeNull()
  })
})
