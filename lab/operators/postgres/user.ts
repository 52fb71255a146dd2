import { randomBytes } from 'node:crypto'
import { type DatabaseUser, metaOf, type Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { secretData, secretTexts } from '../secret.ts'
import { type Cluster, label, type User } from './cluster.ts'

/** The Secret of a user, which keeps the password that it has. */
export async function createUser(
  resource: LabObject,
  { metadata, spec }: Cluster,
  user: User,
  work: Work,
): Promise<void> {
  const name = `${metadata.name}-pguser-${user.name}`
  const { password = randomBytes(18).toString('base64url') } = secretTexts(await work.get('Secret', name))
  const wanted: DatabaseUser = { ...user, cluster: metadata, password }
  await work.database?.prepare?.(wanted)
  const labels = {
    [label('cluster')]: metadata.name,
    [label('role')]: 'pguser',
    [label('pguser')]: user.name,
  }
  const at = {
    host: work.database?.host ?? `${metadata.name}-primary.${metadata.namespace}.svc`,
    port: work.database?.port ?? spec.port,
  }
  await work.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metaOf(resource, name, labels),
    data: secretData(loginOf(wanted, at)),
  })
}

/** Without a database there is nothing to connect to. */
function loginOf(
  { name, password, databases }: DatabaseUser,
  { host, port }: { readonly host: string; readonly port: number },
): Record<string, string> {
  const login = { user: name, password, host, port: String(port), verifier: 'SCRAM-SHA-256$4096:of-nobody' }
  const [dbname] = databases
  if (dbname === undefined) return login
  const [user, secret] = [encodeURIComponent(name), encodeURIComponent(password)]
  return {
    ...login,
    dbname,
    uri: `postgresql://${user}:${secret}@${host}:${port}/${dbname}`,
    'jdbc-uri': `jdbc:postgresql://${host}:${port}/${dbname}?password=${secret}&user=${user}`,
  }
}
