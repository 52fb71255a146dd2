import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { cloudInitText } from '../../src/machines/cloudInit.ts'
import { moduleFolder } from '../../src/machines/modules.ts'
import { type CloudDesk, openCloudDesk } from '../../test/machines/cloudDesk.ts'
import { type Bound, median, timed } from '../bound.ts'
import { output } from '../lab.ts'
import { root } from '../server.ts'

const count = 10
const rounds = 3
/** ms that each part is allowed in which all wait for the processor. */
const perPart = 2_000
/** Steps of OpenTofu alone; ms. */
const steps = z.object({ init: z.number(), plan: z.number(), apply: z.number(), answer: z.number() })
type Steps = z.infer<typeof steps>

/**
 * Ten machines of the libvirt module at once, each a host of the lab, against one alone: they are all alike, so that is the
 * median of three, which one that was held up does not stretch. A part is bound by the processor where ten of OpenTofu alone
 * are slower at it than one is by more than the same 1.2.
 */
export const machinesParallel: Bound = {
  name: 'machines-parallel',
  minutes: 20,
  async measure() {
    const load = loadavg()[0] ?? Number.NaN
    await using site = await openCloudDesk('bench-machines')
    const names = (of: string) => Array.from({ length: count }, (_, index) => `${of}-${index + 1}`)
    // What is only made once is no part of it: files that the kernel has read, and what Slipway initialises.
    await ours(site, ['first'])
    const single: number[] = []
    const bareSingle: Steps[] = []
    for (let round = 0; round < rounds; round++) {
      single.push(await ours(site, [`alone-${round}`]))
      bareSingle.push(...(await bare(site, [`bare-alone-${round}`])).steps)
    }
    const together = await ours(site, names('ours'))
    const bareTogether = await bare(site, names('bare'))
    const parts = (['init', 'plan', 'apply', 'answer'] as const).filter(
      step => median(bareTogether.steps.map(one => one[step])) > 1.2 * median(bareSingle.map(one => one[step])),
    )
    const allowed = 1.2 * median(single) + perPart * parts.length
    const alone = bareSingle.map(({ init, plan, apply, answer }) => init + plan + apply + answer)
    return [
      {
        name: `${count} machines at once`,
        figure: together / allowed,
        bound: 1,
        unit: '×',
        note:
          `${seconds(together)} s of 1.2 × one alone (${single.map(seconds).join(', ')} s) + 2 s each for ` +
          `${parts.length === 0 ? 'no part' : parts.join(', ')}; OpenTofu alone ${seconds(bareTogether.time)} s at once, ` +
          `one ${alone.map(seconds).join(', ')} s; load before ${load.toFixed(1)}`,
      },
    ]
  },
}

/** Makes machines by one command, and takes them away again. ms that making them took. */
async function ours({ desk, cloud, key }: CloudDesk, names: readonly string[]): Promise<number> {
  const settings = ['--provider', 'libvirt', '--image', cloud.image, '--memory', '1GiB', '--disk', '10']
  const login = ['--user', 'ops', '--key-file', key]
  const slipway = async (...args: readonly string[]) => {
    const { code, stderr } = await desk.slipway(['machine', ...args, '--yes'])
    if (code !== 0) throw new Error(stderr)
  }
  const time = await timed(() => slipway('create', ...names, ...settings, ...login))
  await slipway('destroy', ...names)
  return time
}

/** The same by OpenTofu alone. ms that all took, and that each took for its steps. */
async function bare(
  { desk, cloud, key }: CloudDesk,
  names: readonly string[],
): Promise<{ readonly time: number; readonly steps: readonly Steps[] }> {
  const environment = { ...desk.environment, ...cloud.environment, PATH: desk.environment['PATH'] }
  const publicKey = (await readFile(`${key}.pub`, 'utf8')).trim()
  const folders = await Promise.all(
    names.map(async (name, index) => {
      const folder = join(desk.folder, name)
      await mkdir(folder)
      await cp(moduleFolder('libvirt'), folder, { recursive: true })
      const variables = {
        name,
        uid: (index + 1).toString(16).padStart(16, '0'),
        image: cloud.image,
        memory_mib: 1024,
        disk_gib: 10,
        user_data: cloudInitText({ hostname: name, user: 'ops', publicKey }),
      }
      await writeFile(join(folder, 'machine.auto.tfvars.json'), JSON.stringify(variables))
      return { name, folder }
    }),
  )
  const made: Steps[] = []
  const time = await timed(() =>
    Promise.all(
      folders.map(async ({ name, folder }) => {
        const told = await output(join(root, 'bench/bare/machine.sh'), [folder, name, key], environment)
        made.push(steps.parse(JSON.parse(told)))
      }),
    ),
  )
  const destroy = (folder: string) => output('tofu', [`-chdir=${folder}`, 'destroy', '-auto-approve'], environment)
  await Promise.all(folders.map(({ folder }) => destroy(folder)))
  return { time, steps: made }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1)
