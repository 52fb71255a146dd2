import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mergeConfiguration, readConfiguration } from './configuration.ts'

describe('merging configuration files', () => {
  it('lets a later file replace the value of a key', () => {
    const merged = mergeConfiguration([{ token: 'one', 'tls-san': ['a', 'b'] }, { 'tls-san': ['c'] }])
    expect(Object.fromEntries(merged)).toEqual({ token: ['one'], 'tls-san': ['c'] })
  })

  it('appends with key+, to single values too', () => {
    const merged = mergeConfiguration([
      { 'tls-san': 'a' },
      { 'tls-san+': ['b'] },
      { 'tls-san+': 'c', 'node-label+': ['x=y'] },
    ])
    expect(Object.fromEntries(merged)).toEqual({ 'tls-san': ['a', 'b', 'c'], 'node-label': ['x=y'] })
  })

  it('turns numbers, booleans and nothing into text', () => {
    const merged = mergeConfiguration([{ 'write-kubeconfig-mode': 644, selinux: true, server: null }])
    expect(Object.fromEntries(merged)).toEqual({ 'write-kubeconfig-mode': ['644'], selinux: ['true'], server: [''] })
  })
})

describe('reading configuration files', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rke2-configuration-'))
    mkdirSync(join(folder, 'config.yaml.d'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const file = () => join(folder, 'config.yaml')

  it('takes drop-ins in the order of their names and only YAML', () => {
    writeFileSync(file(), 'token: base\nnode-label:\n- a=1\n')
    writeFileSync(`${file()}.d/20-more.yml`, 'node-label+: [c=3]\n')
    writeFileSync(`${file()}.d/10-first.yaml`, 'token: first\nnode-label+: [b=2]\n')
    writeFileSync(`${file()}.d/99-ignored.txt`, 'token: ignored\n')
    expect(Object.fromEntries(readConfiguration(file()))).toEqual({
      token: ['first'],
      'node-label': ['a=1', 'b=2', 'c=3'],
    })
  })

  it('needs no file at all', () => {
    expect(readConfiguration(file()).size).toBe(0)
  })

  it('names the file that is not YAML or not a mapping', () => {
    writeFileSync(file(), 'token: "open')
    expect(() => readConfiguration(file())).toThrow(file())
    writeFileSync(file(), '- a\n')
    expect(() => readConfiguration(file())).toThrow('it is not a mapping of keys')
  })
})
