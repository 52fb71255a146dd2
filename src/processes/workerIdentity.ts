import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Worker } from '../engine/contract/records.ts'
import { startTime } from './startTime.ts'

/** This process as a worker, so that another one on this machine can prove its death. */
export function identifyWorker(id: string): Worker {
  return { id, ...thisMachine(), pid: process.pid, process_start: startTime(process.pid) ?? '' }
}

/**
 * Whether the worker's process is provably gone: it ran on this machine and either the machine was started again
 * since, or no process has its number and start time. False when nothing can be said.
 */
export function isDead(worker: Worker): boolean {
  const here = thisMachine()
  if (worker.host !== here.host) return false
  // After a reboot nothing of before is left. Containers of one host share the boot id, but not the host name.
  if (worker.boot_id !== here.boot_id) return true
  if (worker.pid_namespace !== here.pid_namespace) return false
  return startTime(worker.pid) !== worker.process_start
}

const thisMachine = (): Pick<Worker, 'host' | 'boot_id' | 'pid_namespace'> => ({
  host: `${hostname()} ${machineId()}`.trim(),
  boot_id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  pid_namespace: readlinkSync('/proc/self/ns/pid'),
})

/** Two machines may have the same name. */
function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim()
  } catch {
    return ''
  }
}
