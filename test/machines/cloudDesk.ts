import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Lab } from '../../lab/lab.ts'
import { checkout, labFolder } from '../../lab/places.ts'
import { Cloud, type CloudOptions, tofu } from '../../lab/terraform/cloud.ts'
import { type Desk, openDesk } from '../cli/command.ts'
import { ownName } from '../lab/harness.ts'
import { startPostgres } from '../store/postgres.ts'

/** The command line, with a server that it finds, beside a lab that stands for libvirt and DigitalOcean, and that lab. */
export interface CloudDesk extends AsyncDisposable {
  readonly desk: Desk
  readonly lab: Lab
  readonly cloud: Cloud
  /** Private key of the machines' login. */
  readonly key: string
  /** URL of the database of Slipway. */
  readonly database: string
}

/** @param name of the lab, beside those of other files. */
export async function openCloudDesk(
  name: string,
  environment: NodeJS.ProcessEnv = {},
  options: CloudOptions = {},
): Promise<CloudDesk> {
  const [lab, postgres] = await Promise.all([Lab.up({ name: ownName(name), hosts: 0 }), startPostgres()])
  const database = await postgres.createDatabase('slipway')
  const cloud = await Cloud.of(lab, options)
  const folder = join(labFolder(lab.name), 'programs')
  mkdirSync(folder)
  // Slipway hands its children few variables: the stand-ins are told of their lab by the programs themselves.
  for (const [program, path] of [
    ['tofu', tofu()],
    ['virsh', join(built(), 'bin/virsh')],
  ] as const)
    writeProgram(join(folder, program), `export LAB_CLOUD='${cloud.environment['LAB_CLOUD']}'\nexec '${path}' "$@"\n`)
  const key = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const desk = await openDesk({
    environment: {
      PATH: `${folder}:${process.env['PATH']}`,
      SLIPWAY_TERRAFORM: join(folder, 'tofu'),
      SLIPWAY_TERRAFORM_PLUGINS: join(built(), 'mirror'),
      DIGITALOCEAN_API_URL: cloud.environment['DIGITALOCEAN_API_URL'],
      DIGITALOCEAN_TOKEN: cloud.token,
      DATABASE_URL: database,
      SLIPWAY_PROVIDERS: join(checkout, 'lab/machines'),
      ...environment,
    },
  })
  await desk.serve()
  return {
    desk,
    lab,
    cloud,
    key,
    database,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]()
      await postgres.stop()
      await lab.down()
    },
  }
}

const built = (): string =>
  execFileSync(join(checkout, 'lab/terraform/build'), ['--print'], { encoding: 'utf8' }).trim()

export function writeProgram(path: string, lines: string): void {
  writeFileSync(path, `#!/bin/sh\n${lines}`)
  chmodSync(path, 0o755)
}
