import { describe, expect, it } from 'vitest'
import type { StorageClass } from '../../kubernetes/resources.ts'
import { resolveStorageClass } from './storageClass.ts'

const mark = 'storageclass.kubernetes.io/is-default-class'
const classes = (...names: string[]): StorageClass[] =>
  names.map(name => ({
    metadata: {
      name: name.replace('*', ''),
      uid: name,
      resourceVersion: '1',
      ...(name.endsWith('*') && { annotations: { [mark]: 'true' } }),
    },
    provisioner: 'disks.example',
  }))

const worlds = {
  none: classes(),
  'no default': classes('fast', 'slow'),
  'one default': classes('fast*', 'slow'),
  'two defaults': classes('fast*', 'slow*'),
  'a default called default': classes('default*', 'slow'),
  'one called default that is none': classes('default', 'fast*'),
}
const said = { fast: 'fast', gone: 'gone', default: 'default', empty: '', null: null, unset: undefined }

/** What comes of each combination: a class, or what stands in the way. */
const table: Record<keyof typeof worlds, Record<keyof typeof said, string>> = {
  none: {
    fast: 'storage-class-unknown',
    gone: 'storage-class-unknown',
    default: 'storage-class-missing',
    empty: 'storage-class-missing',
    null: 'storage-class-missing',
    unset: 'storage-class-missing',
  },
  'no default': {
    fast: '=fast',
    gone: 'storage-class-unknown',
    default: 'storage-class-missing',
    empty: 'storage-class-missing',
    null: 'storage-class-missing',
    unset: 'storage-class-missing',
  },
  'one default': {
    fast: '=fast',
    gone: 'storage-class-unknown',
    default: '=fast',
    empty: '=fast',
    null: '=fast',
    unset: '=fast',
  },
  'two defaults': {
    fast: '=fast',
    gone: 'storage-class-unknown',
    default: 'storage-class-ambiguous',
    empty: 'storage-class-ambiguous',
    null: 'storage-class-ambiguous',
    unset: 'storage-class-ambiguous',
  },
  'a default called default': {
    fast: 'storage-class-unknown',
    gone: 'storage-class-unknown',
    default: '=default',
    empty: '=default',
    null: '=default',
    unset: '=default',
  },
  'one called default that is none': {
    fast: '=fast',
    gone: 'storage-class-unknown',
    default: '=default',
    empty: '=fast',
    null: '=fast',
    unset: '=fast',
  },
}

const cases = Object.entries(table).flatMap(([world, rows]) =>
  Object.entries(rows).map(([wish, expected]) => [wish, world, expected] as const),
)

describe('a storage class', () => {
  it.each(cases)('that is %s, with %s, is %s', (wish, world, expected) => {
    const place = 'spec.platform.storage_class'
    const wanted = [{ said: said[wish as keyof typeof said], place }]
    const answer = resolveStorageClass(wanted, worlds[world as keyof typeof worlds])
    expect(answer.name === null ? answer.finding.name : `=${answer.name}`).toBe(expected)
    if (answer.name !== null) expect(answer.name).not.toBe('')
    else expect(answer.finding.remedy).not.toBe('')
  })

  it('of the component goes before that of the platform, and both before what is there', () => {
    const wishes = (own: string | null, all: string | null) => [
      { said: own, place: 'own' },
      { said: all, place: 'all' },
    ]
    const { 'one default': world } = worlds
    expect(resolveStorageClass(wishes('slow', 'fast'), world)).toEqual({ name: 'slow', origin: 'own' })
    expect(resolveStorageClass(wishes(null, 'slow'), world)).toEqual({ name: 'slow', origin: 'all' })
    expect(resolveStorageClass(wishes('', 'slow'), world, 'fast')).toEqual({ name: 'slow', origin: 'all' })
    expect(resolveStorageClass(wishes(null, null), world, 'slow')).toEqual({ name: 'slow', origin: 'as it is there' })
    // Its data is in a class that the cluster has no more; what is new goes elsewhere, and that is refused later.
    expect(resolveStorageClass(wishes(null, null), world, 'gone')).toEqual({
      name: 'fast',
      origin: 'default of the cluster',
    })
  })
})
