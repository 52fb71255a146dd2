import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { idOf, outsideBridge } from '../addresses.ts'
import { cgroupFolder, hostCgroup, keeperCgroup } from '../cgroup.ts'
import type { Lab } from '../lab.ts'
import { checkout, labFolder, pathsEnvironment } from '../places.ts'
import { startDetached } from '../process.ts'
import { until } from '../until.ts'
import { CloudState, type Rule } from './state.ts'

/** What a stand-in of a provider may do to an account, beside what it always refuses. */
export interface CloudOptions {
  /** Droplets that the account may have. Default: 25. */
  readonly droplets?: number
  /** Requests that the API answers before it says 429; 0: any number. */
  readonly requests?: number
  /** A volume whose name is taken is refused; 0.8.3 takes the one that is there without a word. */
  readonly refuseVolumes?: boolean
}

/**
 * Stands for libvirt and DigitalOcean, for the real OpenTofu: machines that its providers make are hosts of a lab. All that
 * there is lies in the lab's folder and ends with it; nothing runs but the API.
 */
export class Cloud {
  /** What OpenTofu, `virsh` and whoever asks the API are given in their environment. */
  readonly environment: Readonly<Record<string, string>>
  /** A disk image of 2 GiB, for volumes that boot. */
  readonly image: string
  readonly token = 'lab-token'
  readonly #program: string

  private constructor(programs: string, folder: string, api: string) {
    this.image = join(folder, 'image.qcow2')
    this.#program = join(programs, 'bin/lab-cloud')
    this.environment = {
      LAB_CLOUD: folder,
      TF_CLI_CONFIG_FILE: join(folder, 'tofurc'),
      CHECKPOINT_DISABLE: '1',
      DIGITALOCEAN_API_URL: api,
      PATH: `${join(programs, 'bin')}:${process.env['PATH'] ?? ''}`,
    }
  }

  /** The cloud of a lab, which is made if there is none yet; builds the stand-ins where they are missing. */
  static async of(lab: Lab, options: CloudOptions = {}): Promise<Cloud> {
    const programs = script('lab/terraform/build')
    const folder = join(labFolder(lab.name), 'cloud')
    const api = join(folder, 'api')
    if (!existsSync(api)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeSettings(lab, folder, programs, options)
      const id = idOf(labFolder(lab.name))
      const serve = [join(programs, 'bin/lab-cloud'), 'serve', api]
      startDetached(keeperCgroup(id), serve, join(folder, 'api.log'), { ...pathsEnvironment, LAB_CLOUD: folder })
      await until('the API of the cloud to listen', 10, () => existsSync(api), `Its log: ${join(folder, 'api.log')}`)
    }
    return new Cloud(programs, folder, readFileSync(api, 'utf8').trim())
  }

  /** The faults from now on; none: all is well. */
  async behave(...rules: readonly Rule[]): Promise<void> {
    await execa(this.#program, ['rules', JSON.stringify(rules)], { env: this.environment, stdin: 'ignore' })
  }

  /** Everything there is. */
  async state(): Promise<CloudState> {
    const { stdout } = await execa(this.#program, ['show'], { env: this.environment, stdin: 'ignore' })
    return CloudState.parse(JSON.parse(stdout))
  }
}

/** Where the real OpenTofu is; builds it where it is missing. */
export const tofu = (): string => {
  execFileSync(join(checkout, 'scripts/tofu/build'), { stdio: ['ignore', 2, 2] })
  return script('scripts/tofu/build', '--print')
}

const script = (file: string, ...args: string[]): string =>
  execFileSync(join(checkout, file), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }).trim()

function writeSettings(lab: Lab, folder: string, programs: string, options: CloudOptions): void {
  const id = idOf(labFolder(lab.name))
  const settings = {
    lab: lab.name,
    labFolder: labFolder(lab.name),
    groups: cgroupFolder(hostCgroup(id, '')),
    bridge: outsideBridge({ id, network: '', network6: null }),
    command: [join(checkout, 'lab/lab')],
    token: 'lab-token',
    droplets: options.droplets ?? 25,
    requests: options.requests ?? 0,
    refuseVolumes: options.refuseVolumes ?? false,
    images: ['debian-12-x64', 'debian-13-x64', 'ubuntu-22-04-x64', 'ubuntu-24-04-x64'],
    regions: ['ams3', 'fra1', 'lon1', 'nyc1', 'nyc3', 'sfo3', 'sgp1'],
    sizes: ['s-1vcpu-1gb', 's-1vcpu-2gb', 's-2vcpu-2gb', 's-2vcpu-4gb', 's-4vcpu-8gb', 's-8vcpu-16gb'],
  }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings), { mode: 0o600 })
  writeFileSync(
    join(folder, 'tofurc'),
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(programs, 'mirror'))}\n  }\n}\n`,
  )
  writeFileSync(join(folder, 'image.qcow2'), emptyImage(2 * 1024 ** 3))
}

/** As much of an image as says what it is and how large its disk is. */
function emptyImage(bytes: number): Buffer {
  const head = Buffer.alloc(512)
  head.write('QFI\u00fb', 'latin1')
  head.writeUInt32BE(3, 4)
  head.writeUInt32BE(16, 20)
  head.writeBigUInt64BE(BigInt(bytes), 24)
  return head
}
