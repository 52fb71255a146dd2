import { spawnSync } from 'node:child_process'
import type { Command } from 'commander'
import { Lab } from '../lab.ts'
import { addCommand } from './command.ts'

export function addSsh(program: Command): void {
  addCommand(
    program,
    'ssh <lab> <host> [command...]',
    'log in to a host as root, or run a command there',
    'ssh demo h1',
    "ssh demo h1 'journalctl -u rke2-server -n 20'",
  )
    .passThroughOptions()
    .action((name: string, host: string, words: string[]) => {
      const lab = Lab.open(name)
      lab.host(host)
      const { status } = spawnSync('ssh', ['-F', lab.describe().ssh_config_file, host, ...words], { stdio: 'inherit' })
      process.exitCode = status ?? 255
    })
}
