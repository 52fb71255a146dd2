import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sectorSize } from './disk.ts'
import { type Word, readWord } from './words.ts'

/** What a boot needs: the folder of `machine/build`, the program as a tar, the socket of the data disk. */
export interface MachineParts {
  readonly machine: string
  readonly program: string
  readonly diskSocket: string
  /** What the kernel and PostgreSQL's reports say; written anew by each boot. */
  readonly console: string
}

export interface BootOptions {
  readonly task: 'work' | 'finish'
  /** Whether what asks the kernel to force writes to the disk does so. */
  readonly flushes: boolean
}

export interface Machine {
  /** Resolves when the data disk is mounted: the kernel has replayed its journal. */
  readonly mounted: Promise<void>
  /** Calls the listener with each word from now on. */
  onWord(listener: (word: Word) => void): void
  /** Resolves when it has ended, by itself or by a cut. */
  readonly ended: Promise<void>
  /** SIGKILL to the process that is the machine: nothing in it gets a chance. */
  cut(): Promise<void>
}

const drive = (name: string, options: string, sector = 512): string[] => [
  '-drive',
  `if=none,id=${name},format=raw,${options}`,
  '-device',
  `virtio-blk-pci,drive=${name},logical_block_size=${sector},physical_block_size=${sector}`,
]

/** The only module that knows QEMU: one emulated processor, no network, a system disk that cannot be written. */
export function bootMachine(parts: MachineParts, { task, flushes }: BootOptions): Machine {
  const words = `console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on power_task=${task} power_flushes=${flushes ? 'real' : 'ignored'}`
  const child = spawn(
    'setpriv',
    // It goes when this process does.
    ['--pdeathsig=KILL', 'qemu-system-x86_64', '-nodefaults', '-display', 'none', '-no-reboot', '-nic', 'none'].concat(
      ['-accel', 'tcg', '-cpu', 'Nehalem,+rdrand', '-smp', '1', '-m', '768'],
      ['-kernel', join(parts.machine, 'kernel'), '-initrd', join(parts.machine, 'start.cpio'), '-append', words],
      drive('system', `readonly=on,file=${join(parts.machine, 'system.img')}`),
      // The cache is the disk's own; QEMU passes flushes on.
      drive('data', `cache=writeback,file=nbd+unix:///?socket=${parts.diskSocket}`, sectorSize),
      drive('program', `readonly=on,file=${parts.program}`),
      ['-serial', `file:${parts.console}`, '-serial', 'stdio'],
    ),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const listeners = new Set<(word: Word) => void>()
  const mounted = Promise.withResolvers<void>()
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  createInterface({ input: child.stdout }).on('line', line => {
    const text = line.trim()
    if (text === 'mounted') mounted.resolve()
    // The last line of all is cut off in its middle, and says nothing then.
    else if (text.endsWith('}')) for (const listener of listeners) listener(readWord(text))
  })
  return {
    mounted: mounted.promise,
    ended,
    onWord: listener => void listeners.add(listener),
    async cut() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The end of what the console has said, for people; of a panic what led to it. */
export const lastWords = (parts: MachineParts): string =>
  (readFileSync(parts.console, 'utf8').split(/^.*Call Trace:/m)[0] ?? '').trim().split('\n').slice(-25).join('\n')
