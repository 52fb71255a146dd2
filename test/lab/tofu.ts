import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Cloud, tofu } from '../../lab/terraform/cloud.ts'

/** A folder with a configuration of its own, for the real OpenTofu over the lab's stand-ins. */

export interface Told {
  readonly exitCode: number
  /** Of both streams, without colours and frames, a line a sentence. */
  readonly said: string
}

export class Workspace {
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipway-tofu-'))
  readonly #cloud: Cloud
  readonly #program = tofu()

  constructor(cloud: Cloud, configuration = '') {
    this.#cloud = cloud
    this.write(configuration)
  }

  write(configuration: string): void {
    mkdirSync(this.#folder, { recursive: true })
    writeFileSync(join(this.#folder, 'main.tf'), configuration)
  }

  async run(...args: string[]): Promise<Told> {
    const result = await execa(this.#program, args, {
      cwd: this.#folder,
      env: { ...this.#cloud.environment, TF_IN_AUTOMATION: '1', TF_CLI_ARGS: '-no-color' },
      reject: false,
      stdin: 'ignore',
      all: true,
    })
    return { exitCode: result.exitCode ?? 255, said: result.all.replaceAll(/\s*\n[│╷╵\s]*/g, ' ') }
  }

  /** Begins with `init`; the configuration's providers come from the mirror. */
  async apply(...args: string[]): Promise<Told> {
    const begun = await this.run('init')
    return begun.exitCode === 0 ? this.run('apply', '-auto-approve', ...args) : begun
  }

  async output(name: string): Promise<string> {
    return (await this.run('output', '-raw', name)).said
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
