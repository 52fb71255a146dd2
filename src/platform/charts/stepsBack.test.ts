import { expect, it } from 'vitest'
import type { Release } from '../../helm/release.ts'
import { targetOf } from '../rollback/target.ts'
import { forgetStepsBack, withoutStepsBack } from './stepsBack.ts'

const revision = (number: number, more: Partial<Release> = {}): Release => ({
  name: 'web',
  namespace: 'web',
  revision: number,
  status: 'superseded',
  description: 'Upgrade complete',
  backTo: null,
  chart: { name: 'web', version: `1.${number}.0` },
  values: { number },
  manifest: `# ${number}`,
  hook: null,
  byServer: false,
  definitions: [],
  labels: {},
  uid: `uid-${number}`,
  ...more,
})
const [one, two] = [revision(1), revision(2)] as const
/** As Helm 3 keeps a step back to the first one that has failed. */
const failed = {
  ...one,
  revision: 3,
  status: 'failed',
  description: 'Rollback "web" failed: no',
  uid: 'uid-3',
} as const

it('a step back that has failed goes on to what it was to be, also where Helm does not tell', () => {
  expect(targetOf([failed, two, one], null)).toMatchObject({ kind: 'back', to: { revision: 1 } })
  const told = revision(3, { status: 'failed', backTo: 1 })
  expect(targetOf([told, two, one], null)).toMatchObject({ kind: 'back', to: { revision: 1 } })
  const upgrade = revision(3, { status: 'failed', description: 'Upgrade "web" failed: no' })
  expect(targetOf([upgrade, two, one], null)).toMatchObject({ kind: 'back', to: { revision: 2 } })
})

it('what is there is what the revision before unfinished steps back knows of; they alone are forgotten', async () => {
  const pending = revision(4, { status: 'pending-rollback', backTo: 1 })
  const history = [pending, failed, two, one] as const
  expect(withoutStepsBack(history)).toEqual([two, one])
  const forgotten: unknown[] = []
  const remove = async (_resource: unknown, { name }: { name: string }, call: { uid?: string }) =>
    forgotten.push([name, call.uid]) > 0
  const { signal } = new AbortController()
  await forgetStepsBack({ remove }, history, { signal })
  expect(forgotten).toEqual([
    ['sh.helm.release.v1.web.v4', 'uid-4'],
    ['sh.helm.release.v1.web.v3', 'uid-3'],
  ])
  for (const newest of [revision(3, { status: 'deployed', backTo: 1 }), revision(3, { status: 'pending-upgrade' })]) {
    await forgetStepsBack({ remove }, [newest, two, one], { signal })
    expect(withoutStepsBack([newest, two, one])[0]).toBe(newest)
  }
  expect(forgotten).toHaveLength(2)
  // None is known that was there before.
  expect(withoutStepsBack([failed])).toEqual([failed])
})
