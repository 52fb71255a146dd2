import { readFile } from 'node:fs/promises'
import { at, list, record, text, texts } from './json.ts'
import { type HttpsCaller, httpsCaller } from './https-json.ts'
import type { Paths } from './paths.ts'

// etcd's own JSON gateway. Its 64-bit numbers are strings, and stay strings here.

export interface Member {
  id: string
  name: string
  peerUrls: string[]
  clientUrls: string[]
  learner: boolean
}

export interface EtcdStatus {
  memberId: string
  leader: string
  learner: boolean
  appliedIndex: string
}

const base64 = (value: string) => Buffer.from(value).toString('base64')
const plain = (value: unknown) => Buffer.from(text(value) ?? '', 'base64').toString()

/** The first key after all that start with `prefix`. */
function endOf(prefix: string): string {
  const bytes = Buffer.from(prefix)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1
  return bytes.toString('base64')
}

function member(value: unknown): Member {
  return {
    id: text(at(value, 'ID')) ?? '0',
    name: text(at(value, 'name')) ?? '',
    peerUrls: texts(at(value, 'peerURLs')),
    clientUrls: texts(at(value, 'clientURLs')),
    learner: at(value, 'isLearner') === true,
  }
}

/** Calls to one etcd endpoint. Errors carry etcd's own message, such as 'etcdserver: too many learner members in cluster'. */
export class EtcdClient {
  readonly #caller: HttpsCaller

  constructor(caller: HttpsCaller) {
    this.#caller = caller
  }

  async #post(path: string, body: object, timeout = 5000): Promise<unknown> {
    const answer = await this.#caller.call(path, { method: 'POST', body: JSON.stringify(body), timeout })
    let parsed: unknown
    try {
      parsed = JSON.parse(answer.body)
    } catch (cause) {
      throw new Error(`etcd answered ${answer.status} with no JSON`, { cause })
    }
    if (answer.status !== 200) throw new Error(text(record(parsed).message) ?? `etcd answered ${answer.status}`)
    return parsed
  }

  async members(linearizable = true): Promise<Member[]> {
    return list(at(await this.#post('/v3/cluster/member/list', { linearizable }), 'members')).map(member)
  }

  async addLearner(peerUrl: string): Promise<Member[]> {
    const answer = await this.#post('/v3/cluster/member/add', { peerURLs: [peerUrl], isLearner: true })
    return list(at(answer, 'members')).map(member)
  }

  async promote(id: string): Promise<void> {
    await this.#post('/v3/cluster/member/promote', { ID: id })
  }

  async remove(id: string): Promise<void> {
    await this.#post('/v3/cluster/member/remove', { ID: id })
  }

  async updatePeer(id: string, peerUrl: string): Promise<void> {
    await this.#post('/v3/cluster/member/update', { ID: id, peerURLs: [peerUrl] })
  }

  async status(timeout = 2000): Promise<EtcdStatus> {
    const answer = await this.#post('/v3/maintenance/status', {}, timeout)
    return {
      memberId: text(at(answer, 'header', 'member_id')) ?? '0',
      leader: text(at(answer, 'leader')) ?? '0',
      learner: at(answer, 'isLearner') === true,
      appliedIndex: text(at(answer, 'raftAppliedIndex')) ?? '0',
    }
  }

  async put(key: string, value: string): Promise<void> {
    await this.#post('/v3/kv/put', { key: base64(key), value: base64(value) })
  }

  async delete(key: string): Promise<void> {
    await this.#post('/v3/kv/deleterange', { key: base64(key) })
  }

  async list(prefix: string): Promise<Map<string, string>> {
    const answer = await this.#post('/v3/kv/range', { key: base64(prefix), range_end: endOf(prefix) })
    return new Map(list(at(answer, 'kvs')).map(kv => [plain(at(kv, 'key')), plain(at(kv, 'value'))]))
  }

  close(): void {
    this.#caller.close()
  }
}

/** A client of the etcd at `endpoint`, as the API server of this host would call it. */
export async function etcdClient(paths: Paths, endpoint = 'https://127.0.0.1:2379'): Promise<EtcdClient> {
  const [ca, cert, key] = await Promise.all([
    readFile(`${paths.tls}/etcd/server-ca.crt`, 'utf8'),
    readFile(`${paths.tls}/etcd/client.crt`, 'utf8'),
    readFile(`${paths.tls}/etcd/client.key`, 'utf8'),
  ])
  return new EtcdClient(httpsCaller(endpoint, { ca, cert, key }))
}
