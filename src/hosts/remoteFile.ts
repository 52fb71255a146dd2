import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { HostAccess } from './access.ts'
import { runPython } from './python.ts'

const reply = z.object({ content: z.base64().nullable(), size: z.int() })

const program = `import base64, json, os, sys
wanted = json.load(sys.stdin.buffer)
content, size = None, 0
if os.path.exists(wanted["path"]):
    size = os.path.getsize(wanted["path"])
    with open(wanted["path"], "rb") as file:
        content = base64.b64encode(file.read(wanted["limit"])).decode()
print(json.dumps({"content": content, "size": size}))`

export interface FetchOptions {
  /** Bytes; a longer file is refused. Default 1 Mi. */
  readonly limit?: number
  readonly signal?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * A file of a host, read as root when the target has sudo; undefined when there is none.
 * @throws SlipwayError `host-reply-invalid` when it is longer than `limit` or unreadable.
 */
export async function fetchFile(
  access: HostAccess,
  hostname: string,
  path: string,
  options: FetchOptions = {},
): Promise<Buffer | undefined> {
  const { limit = 1024 * 1024, ...rest } = options
  // Base64 and the JSON around it.
  const maxOutput = Math.ceil((limit * 4) / 3) + 1000
  const found = await runPython(access, hostname, { program, arguments: { path, limit }, maxOutput, ...rest }, reply)
  if (found.size > limit)
    throw new SlipwayError('host-reply-invalid', `${hostname}: ${path} has ${found.size} bytes, more than ${limit}`)
  return found.content === null ? undefined : Buffer.from(found.content, 'base64')
}

/** RKE2's admin kubeconfig as it stands on a server (its server is 127.0.0.1); undefined before it is written. */
export async function readKubeconfig(
  access: HostAccess,
  hostname: string,
  options: FetchOptions & { readonly path?: string } = {},
): Promise<string | undefined> {
  const { path = '/etc/rancher/rke2/rke2.yaml', ...rest } = options
  const text = (await fetchFile(access, hostname, path, rest))?.toString('utf8')
  if (text !== undefined && !/^kind:\s*Config$/m.test(text) && !/"kind":\s*"Config"/.test(text))
    throw new SlipwayError('host-reply-invalid', `${hostname}: ${path} is not a kubeconfig`)
  return text
}
