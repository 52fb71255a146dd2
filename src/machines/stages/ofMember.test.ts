import { expect, it } from 'vitest'
import type { TerraformChange } from '../../terraform/changes.ts'
import type { MachineUse } from '../session.ts'
import { memberFindings } from './ofMember.ts'

const use: MachineUse = { cluster: 'demo', hostname: 'm1', status: 'active', member: true, serversAway: [] }
const attribute = (name: string, more = {}) => ({
  name,
  before: '1',
  after: '2',
  secret: false,
  unknown: false,
  replaces: false,
  ...more,
})
const change = (
  action: TerraformChange['action'],
  ...attributes: readonly TerraformChange['attributes'][number][]
): TerraformChange => ({ address: 'cloud_vm.machine', action, unfinished: false, attributes })
const provider = {
  name: 'cloud',
  title: '',
  settings: expect.anything(),
  takes: {},
  module: '/m',
  variables: () => ({}),
}
const found = (of: MachineUse | null, changes: readonly TerraformChange[], isLost = false, unnoticed = ['tags']) =>
  memberFindings({ name: 'm1', provider: { ...provider, unnoticed } }, changes, of, isLost).map(
    ({ name, severity, message }) => ({ name, severity, message }),
  )
const resized = change('update', attribute('memory'), attribute('id', { unknown: true, after: null }))
const error = (name: string, message: RegExp) => [{ name, severity: 'error', message: expect.stringMatching(message) }]

it('a node at work is not restarted by a change of its machine; one that was drained may be', () => {
  expect(found(use, [resized])).toEqual(
    error('machine-restarts', /node m1 of demo \(active\).*cloud_vm\.machine \(memory\)$/),
  )
  expect(found({ ...use, status: 'installing' }, [resized])).toEqual(error('machine-restarts', /installing/))
  expect(found({ ...use, status: 'draining' }, [resized])).toEqual([])
})

it('a server that was drained stays up while another one is not at work', () => {
  const away = { ...use, status: 'draining', serversAway: ['m2', 'm3'] } as const
  expect(found(away, [resized])).toEqual(error('machine-restarts', /m2, m3 of the other servers are not at work/))
})

it('what its provider takes for unnoticed is done at any time, and what is only made besides', () => {
  expect(found(use, [change('update', attribute('tags'))])).toEqual([])
  expect(found(use, [change('update', attribute('tags'), attribute('memory'))])).toHaveLength(1)
  expect(found(use, [change('update', attribute('tags'))], false, [])).toHaveLength(1)
  expect(found(use, [change('create', attribute('memory'))])).toEqual([])
})

it('a machine of a member is never made anew, whether it was drained or not', () => {
  for (const status of ['active', 'draining', 'failed'] as const) {
    const replaced = change('replace', attribute('image', { replaces: true }), attribute('memory'))
    expect(found({ ...use, status }, [replaced])).toEqual(
      error('machine-in-use', /cloud_vm\.machine \(image, memory\)$/),
    )
    expect(found({ ...use, status }, [change('delete')])).toEqual(error('machine-in-use', /cloud_vm\.machine$/))
    expect(found({ ...use, status }, [], true)).toEqual(error('machine-in-use', /no Terraform state/))
  }
})

it('of one that no cluster ever had anything may be changed', () => {
  for (const of of [null, { ...use, status: 'failed', member: false } as const])
    expect(found(of, [resized, change('replace')], true)).toEqual([])
})
