import { execa } from 'execa'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { machineDetailShape } from '../../src/contract/machines.ts'
import type { Ended } from '../cli/command.ts'
import type { CloudDesk } from './cloudDesk.ts'

/** What the suite has to know of a provider. */
export interface ProviderCase {
  readonly name: string
  /** The words that follow `machine create NAME`. */
  words(site: CloudDesk, machine: string): readonly string[]
  /** What is there of a machine at the provider, by its name there; empty: nothing. */
  there(site: CloudDesk, machine: string): Promise<readonly string[]>
  /** The machine goes, and nobody says so. */
  lose(site: CloudDesk, machine: string): Promise<void>
  /** Slipway has not made it: it stays when it is destroyed. */
  readonly stays?: true
  /** What is made of a machine is found again by its provider, also when no state knows of it. */
  readonly finds?: true
}

/**
 * What holds for every provider, for machines NAME-1 and on. The first time that the second and the third one of a provider
 * that finds are made, the command of Terraform must end when they are there and before it can say so.
 */
export function providerSuite(provider: ProviderCase, siteOf: () => CloudDesk): void {
  const { name, stays, finds } = provider
  const create = (machine: string, ...more: readonly string[]) => {
    const site = siteOf()
    return site.desk.slipway(['machine', 'create', machine, ...provider.words(site, machine), ...more])
  }
  const destroy = (machine: string) => siteOf().desk.slipway(['machine', 'destroy', machine, '--yes'])
  const isUsable = async (machine: string): Promise<void> => {
    const { key, desk } = siteOf()
    const { stdout } = await desk.slipway(['machine', 'show', machine, '-o', 'json'])
    const shown = machineDetailShape.parse(JSON.parse(stdout))
    expect(shown).toMatchObject({ status: 'active', ssh: { user: 'ops' } })
    const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR']
    const words = ['-i', key, ...options.flatMap(option => ['-o', option]), `ops@${shown.addresses[0]}`, 'hostname']
    expect((await execa('ssh', words, { stdin: 'ignore' })).stdout).toBe(machine)
  }
  const isGone = async (machine: string): Promise<void> => {
    succeeds(await destroy(machine))
    expect(await provider.there(siteOf(), machine)).toEqual(stays ? [machine] : [])
  }

  describe.concurrent(name, () => {
    it('a machine is made, answers, is as it is wanted; it is destroyed also when it is not there any more', async () => {
      const machine = `${name}-1`
      succeeds(await create(machine, '--yes'))
      expect(await provider.there(siteOf(), machine)).toContain(machine)
      await isUsable(machine)
      expect(await create(machine, '--dry-run')).toMatchObject({ code: 0, stdout: `${machine}: nothing to do\n` })
      if (stays) return isGone(machine)
      await provider.lose(siteOf(), machine)
      await isGone(machine)
      expect(await destroy(machine)).toMatchObject({ code: 0, stdout: `${machine}: nothing to do\n` })
    })

    if (!finds) return

    it('one whose making was broken off is made usable; what nobody knows of it any more goes with it', async () => {
      const machine = `${name}-2`
      expect(await create(machine, '--yes')).toMatchObject({ code: 4 })
      expect(await provider.there(siteOf(), machine)).toContain(machine)
      succeeds(await create(machine, '--yes'))
      await isUsable(machine)
      await forget(siteOf(), machine)
      await isGone(machine)
    })

    it('one whose making was broken off is destroyed, with what its state does not know', async () => {
      const machine = `${name}-3`
      expect(await create(machine, '--yes')).toMatchObject({ code: 4 })
      expect(await provider.there(siteOf(), machine)).toContain(machine)
      await isGone(machine)
    })
  })
}

/** A failure shows what was said. */
const succeeds = ({ code, stdout, stderr }: Ended): void => expect(code, stdout + stderr).toBe(0)

/** What was made of a machine is known to nobody any more, as with a database that was restored. */
async function forget({ database }: CloudDesk, machine: string): Promise<void> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const { rowCount } = await client.query('DELETE FROM machine_states WHERE name = $1', [machine])
    expect(rowCount).toBe(1)
  } finally {
    await client.end()
  }
}
