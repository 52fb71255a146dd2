import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mergeConfiguration, parseConfiguration, readConfiguration } from './configuration.ts'

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

// Observed on RKE2's own server code, v1.34.3+rke2r1: config.yaml is YAML 1.1.
describe('YAML of configuration files', () => {
  const read = (text: string) => Object.fromEntries(parseConfiguration([{ name: 'config.yaml', text }]))

  it('reads an unquoted 0640 as octal, and a quoted one as written', () => {
    expect(read('write-kubeconfig-mode: 0640')).toEqual({ 'write-kubeconfig-mode': ['416'] })
    expect(read('write-kubeconfig-mode: "0640"')).toEqual({ 'write-kubeconfig-mode': ['0640'] })
    expect(read('token: 0x1F')).toEqual({ token: ['31'] })
    expect(read('token: 1_000')).toEqual({ token: ['1000'] })
  })

  it.each([
    ['yes', 'true'],
    ['on', 'true'],
    ['y', 'true'],
    ['True', 'true'],
    ['no', 'false'],
    ['Off', 'false'],
    ['~', ''],
  ])('reads %s as %s', (written, meant) => {
    expect(read(`selinux: ${written}`)).toEqual({ selinux: [meant] })
  })

  it('leaves times and dates as they are written, and long numbers whole', () => {
    expect(read('token: 12:34:56')).toEqual({ token: ['12:34:56'] })
    expect(read('token: 2026-01-05')).toEqual({ token: ['2026-01-05'] })
    expect(read('token: 12345678901234567890')).toEqual({ token: ['12345678901234567890'] })
  })

  it('takes the last of a key that stands twice', () => {
    expect(read('token: one\ntls-san: [a]\ntoken: two\ntls-san: [b]\n')).toEqual({ token: ['two'], 'tls-san': ['b'] })
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
