import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Tells systemd that the service is up. Node has no datagram sockets of the Unix kind, so systemd's own tool speaks. */
export async function notifyReady(): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) return
  // The launcher is the main process, and only that one may speak.
  const main = process.env.RKE2_LAB_MAIN_PID ?? String(process.pid)
  await promisify(execFile)('systemd-notify', ['--ready', `--pid=${main}`])
}
