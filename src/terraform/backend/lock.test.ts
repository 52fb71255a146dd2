import { expect, it } from 'vitest'
import { isLeftByOurs, lockIn, lockOf, signature, stateLocked } from './lock.ts'

const said = (over: { id?: string; who?: string; created?: string } = {}) =>
  [
    'Error acquiring the state lock',
    '',
    'Error message: HTTP remote state already locked: ID=1',
    'Lock Info:',
    `  ID:        ${over.id ?? '5f1c9e0a-77c4-3b5e-2f8e-9d3a1d8c2b47'}`,
    '  Path:      ',
    '  Operation: OperationTypeApply',
    `  Who:       ${over.who ?? 'alice@laptop'}`,
    '  Version:   1.12.6',
    `  Created:   ${over.created ?? '2026-11-30 10:00:00.123456789 +0000 UTC'}`,
    '  Info:      ',
  ].join('\n')

it('a lock is read as OpenTofu tells it, framed or not', () => {
  const lock = {
    id: '5f1c9e0a-77c4-3b5e-2f8e-9d3a1d8c2b47',
    who: 'alice@laptop',
    operation: 'OperationTypeApply',
    created: Date.parse('2026-11-30T10:00:00.123Z'),
  }
  expect(lockIn(said())).toEqual(lock)
  expect(lockIn(said().replaceAll(/^/gm, '│ '))).toEqual(lock)
  expect(lockIn(said({ created: '2026-11-30 10:00:00 +0000 UTC' }))?.created).toBe(Date.parse('2026-11-30T10:00:00Z'))
  expect(lockIn('Error: connection refused')).toBeNull()
})

it('an error tells who has it since when, and with which command it goes; whoever is told of it reads it again', () => {
  const lock = lockIn(said())
  if (!lock) throw new Error('no lock')
  const error = stateLocked('machine w1', 'pg (db)', lock, Date.now() + 1e12)
  expect(error.message).toBe(
    'the Terraform state of machine w1 is locked in pg (db) by alice@laptop since 2026-11-30T10:00:00.123Z (OperationTypeApply); the lock is 5f1c9e0a-77c4-3b5e-2f8e-9d3a1d8c2b47',
  )
  expect(error.remedy).toContain('`slipway machine unlock w1 --lock 5f1c9e0a-77c4-3b5e-2f8e-9d3a1d8c2b47`')
  expect(lockOf(error)).toEqual(lock)
})

it('a backend that tells of a lock in the way what was asked for tells of nobody', () => {
  const lock = lockIn(said())
  if (!lock) throw new Error('no lock')
  const error = stateLocked('machine w1', 'pg (db)', lock, lock.created - 5)
  expect(error.message).toBe('the Terraform state of machine w1 is locked in pg (db), which does not tell by whom')
  expect(lockOf(error)).toBeNull()
})

it('only what was locked here, since a command of ours was begun whose end nobody has seen, is ours', () => {
  const ours = {
    id: '1',
    who: signature(),
    operation: 'OperationTypeApply',
    created: Date.parse('2026-11-30T10:00:00Z'),
  }
  const window = { who: signature(), since: '2026-11-30T09:59:59.000Z' }
  expect(isLeftByOurs(ours, window)).toBe(true)
  expect(isLeftByOurs(ours, null)).toBe(false)
  expect(isLeftByOurs({ ...ours, who: 'alice@laptop' }, window)).toBe(false)
  expect(isLeftByOurs({ ...ours, created: Date.parse('2026-11-30T09:59:58Z') }, window)).toBe(false)
  expect(isLeftByOurs({ ...ours, created: Number.NaN }, window)).toBe(false)
  // Another host has begun it: whether it is still at work there can't be seen from here.
  expect(isLeftByOurs({ ...ours, who: 'root@elsewhere' }, { ...window, who: 'root@elsewhere' })).toBe(false)
})
