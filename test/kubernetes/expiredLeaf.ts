import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A server's certificate for 127.0.0.1 that has expired in 2020: `<folder>/expired.crt` and `.key`. @param ca its stem */
export function issueExpired(folder: string, ca: string): string {
  const work = join(folder, 'expired-work')
  mkdirSync(work)
  const at = (name: string) => join(work, name)
  const stem = join(folder, 'expired')
  writeFileSync(at('index'), '')
  writeFileSync(at('names'), 'subjectAltName = IP:127.0.0.1\n')
  writeFileSync(
    at('config'),
    [
      '[ca]',
      'default_ca = test',
      '[test]',
      `database = ${at('index')}`,
      `new_certs_dir = ${work}`,
      'rand_serial = yes',
      'default_md = sha256',
      'policy = names',
      '[names]',
      'commonName = supplied',
    ].join('\n'),
  )
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', `${stem}.key`]
  openssl('req', '-new', ...key, '-subj', '/CN=expired', '-out', at('request'))
  const issuer = ['-cert', `${ca}.crt`, '-keyfile', `${ca}.key`]
  const time = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']
  const files = ['-in', at('request'), '-out', `${stem}.crt`, '-extfile', at('names')]
  openssl('ca', '-batch', '-notext', '-config', at('config'), ...issuer, ...time, ...files)
  return stem
}
