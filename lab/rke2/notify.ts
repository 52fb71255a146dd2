import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Tells systemd that the service is up. Node has no datagram sockets of the Unix kind, so systemd's own tool speaks. */
export async function notifyReady(): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) return
  await promisify(execFile)('systemd-notify', ['--ready', `--pid=${process.pid}`])
}
