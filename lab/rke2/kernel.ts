import { execFile } from 'node:child_process'
import { accessSync, constants, lstatSync } from 'node:fs'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

// A kubelet sets these, and ends where it can't (pkg/kubelet/cm/container_manager_linux.go).
const kernelParameters = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

/**
 * A host of the lab shares this machine's kernel: it can't change its parameters, nor read its messages, and a kubelet does
 * not start without. So it finds the parameters as it wants them, and something in which there never is a message.
 */
export async function showKernel(): Promise<void> {
  if (!lstatSync('/dev/kmsg', { throwIfNoEntry: false })) await symlink('/dev/console', '/dev/kmsg')
  const folder = '/run/lab-kernel'
  await mkdir(folder, { recursive: true })
  for (const [name, value] of Object.entries(kernelParameters)) {
    const parameter = join('/proc/sys', name)
    if ((await readFile(parameter, 'utf8')).trim() === value) continue
    const shown = join(folder, name.replaceAll('/', '.'))
    await writeFile(shown, `${value}\n`)
    await mount('--bind', shown, parameter)
  }
  // What is below net is the host's own, and yet it can't be written, unlike in a file system that is mounted anew.
  const forwarding = '/proc/sys/net/ipv4/ip_forward'
  if (isWritable(forwarding)) return
  const anew = join(folder, 'proc')
  await mkdir(anew, { recursive: true })
  await mount('-t', 'proc', 'proc', anew)
  await mount('--bind', join(anew, 'sys/net'), '/proc/sys/net')
  await promisify(execFile)('umount', [anew])
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function mount(...args: string[]): Promise<void> {
  await promisify(execFile)('mount', args)
}
