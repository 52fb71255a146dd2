import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a kubeconfig that holds its certificates itself. */
export async function writeKubeconfig(
  file: string,
  given: { server: string; caFile: string; stem: string; mode: number },
): Promise<void> {
  const [ca, cert, key] = await Promise.all(
    [given.caFile, `${given.stem}.crt`, `${given.stem}.key`].map(async name =>
      (await readFile(name)).toString('base64'),
    ),
  )
  await mkdir(dirname(file), { recursive: true })
  await writeFile(
    file,
    [
      'apiVersion: v1',
      'kind: Config',
      'clusters:',
      '- cluster:',
      `    certificate-authority-data: ${ca}`,
      `    server: ${given.server}`,
      '  name: default',
      'contexts:',
      '- context:',
      '    cluster: default',
      '    user: default',
      '  name: default',
      'current-context: default',
      'preferences: {}',
      'users:',
      '- name: default',
      '  user:',
      `    client-certificate-data: ${cert}`,
      `    client-key-data: ${key}`,
      '',
    ].join('\n'),
    { mode: given.mode },
  )
  await chmod(file, given.mode)
}

/** `0640` → 416. Another word leaves the file to root alone; RKE2 only logs it. */
export function modeOf(octal: string): number {
  return /^0?[0-7]{1,4}$/.test(octal) ? Number.parseInt(octal, 8) : 0o600
}
