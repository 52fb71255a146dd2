import { execFile } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseAddress } from './address.ts'

/** A certificate and its key: `<stem>.crt` and `<stem>.key`. */
export interface Issuer {
  stem: string
}

export interface Subject {
  commonName: string
  organization?: string
  uses: ('serverAuth' | 'clientAuth')[]
  /** Names and addresses; each is told apart by its form. */
  names?: readonly string[]
}

const leafDays = 365
/** A leaf is renewed at a start within its last days. */
const renewalDays = 120
const authorityDays = 3650

function openssl(args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('openssl', args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`openssl ${args[0]} failed: ${stderr.trim()}`, { cause: error }))
    })
    // A command that reads nothing may be gone before this.
    child.stdin?.on('error', () => undefined).end(input)
  })
}

/** Runs `openssl req` with a configuration, which it reads from a file only. */
async function request(config: string, args: string[]): Promise<string> {
  const file = join(tmpdir(), `rke2-request-${randomBytes(8).toString('hex')}.cnf`)
  await writeFile(file, `[req]\nprompt = no\ndistinguished_name = name\n${config}`)
  try {
    return await openssl(['req', '-config', file, ...newKey, ...args], '')
  } finally {
    await rm(file)
  }
}

function extensions(subject: Subject): string {
  const names = (subject.names ?? []).map(name => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`)
  return [
    'basicConstraints = critical,CA:FALSE',
    'keyUsage = critical,digitalSignature,keyEncipherment',
    `extendedKeyUsage = ${subject.uses.join(',')}`,
    'authorityKeyIdentifier = keyid',
    ...(names.length === 0 ? [] : [`subjectAltName = ${[...new Set(names)].join(',')}`]),
  ].join('\n')
}

function distinguishedName(subject: Subject): string {
  const organization = subject.organization === undefined ? '' : `O = ${subject.organization}\n`
  return `[name]\n${organization}CN = ${subject.commonName}\n`
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']
const serial = () => ['-set_serial', `0x${randomBytes(8).toString('hex')}`]

/** Runs `make` on a temporary stem and moves key and certificate into place, so that a crash leaves no half pair. */
async function place(stem: string, make: (temporary: string) => Promise<unknown>): Promise<void> {
  await mkdir(dirname(stem), { recursive: true, mode: 0o700 })
  const temporary = `${stem}.new-${randomBytes(4).toString('hex')}`
  await make(temporary)
  await chmod(`${temporary}.key`, 0o600)
  await rename(`${temporary}.key`, `${stem}.key`)
  await rename(`${temporary}.crt`, `${stem}.crt`)
}

/** Makes a self-signed authority. */
export function createAuthority(stem: string, commonName: string): Promise<void> {
  const config = `x509_extensions = extensions
[name]
CN = ${commonName}
[extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,digitalSignature,keyEncipherment,keyCertSign
subjectKeyIdentifier = hash
`
  return place(stem, temporary =>
    request(config, [
      '-x509',
      '-days',
      String(authorityDays),
      '-keyout',
      `${temporary}.key`,
      '-out',
      `${temporary}.crt`,
    ]),
  )
}

/** Issues `<stem>.crt` with a new key, unless the one on disk still serves. */
export async function ensureLeaf(stem: string, issuer: Issuer, subject: Subject): Promise<void> {
  if (await serves(stem, issuer, subject)) return
  const config = `x509_extensions = extensions\n${distinguishedName(subject)}[extensions]\n${extensions(subject)}\n`
  await place(stem, temporary =>
    request(config, [
      '-x509',
      ...serial(),
      '-days',
      String(leafDays),
      '-CA',
      `${issuer.stem}.crt`,
      '-CAkey',
      `${issuer.stem}.key`,
      '-keyout',
      `${temporary}.key`,
      '-out',
      `${temporary}.crt`,
    ]),
  )
}

async function serves(stem: string, issuer: Issuer, subject: Subject): Promise<boolean> {
  try {
    const leaf = new X509Certificate(await readFile(`${stem}.crt`))
    const authority = new X509Certificate(await readFile(`${issuer.stem}.crt`))
    await readFile(`${stem}.key`)
    const left = new Date(leaf.validTo).getTime() - Date.now()
    const names = new Set(
      (leaf.subjectAltName ?? '').split(', ').map(name => asOne(name.replace(/^(DNS|IP Address):/, ''))),
    )
    return (
      leaf.verify(authority.publicKey) &&
      left > renewalDays * 86_400_000 &&
      leaf.subject.split('\n').includes(`CN=${subject.commonName}`) &&
      (subject.names ?? []).every(name => names.has(asOne(name)))
    )
  } catch {
    return false
  }
}

/** An address has more than one spelling (`::1` is shown as `0:0:0:0:0:0:0:1`). */
const asOne = (name: string) => String(parseAddress(name)?.value ?? name)

/** A signing request with a new key, which stays in `<stem>.key`; the supervisor decides on the names. */
export async function createRequest(stem: string, commonName: string): Promise<string> {
  await mkdir(dirname(stem), { recursive: true, mode: 0o700 })
  const signingRequest = await request(`[name]\nCN = ${commonName}\n`, ['-new', '-keyout', `${stem}.key`])
  await chmod(`${stem}.key`, 0o600)
  return signingRequest
}

/** Signs the key of a request for the given subject; what the request says about itself is ignored. Returns PEM. */
export async function signRequest(signingRequest: string, issuer: Issuer, subject: Subject): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rke2-sign-'))
  try {
    const key = join(folder, 'key.pem')
    await writeFile(key, await openssl(['req', '-verify', '-noout', '-pubkey'], signingRequest))
    const extensionsFile = join(folder, 'extensions')
    await writeFile(extensionsFile, extensions(subject))
    const organization = subject.organization === undefined ? '' : `/O=${subject.organization}`
    return await openssl(
      [
        'x509',
        '-new',
        '-force_pubkey',
        key,
        '-subj',
        `${organization}/CN=${subject.commonName}`,
        ...serial(),
        '-CA',
        `${issuer.stem}.crt`,
        '-CAkey',
        `${issuer.stem}.key`,
        '-extfile',
        extensionsFile,
        '-days',
        String(leafDays),
      ],
      '',
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A key pair for service account tokens (RSA, as Kubernetes' issuer signs RS256). */
export async function createServiceKey(file: string): Promise<void> {
  await openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', file], '')
  await chmod(file, 0o600)
}
