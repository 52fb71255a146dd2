import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { printedBy } from './hostPython.ts'

/** What a service is said to have ended of, judged on this machine from journals that a test makes up. */

const unit = 'rke2-server.service'

interface Said {
  readonly line: string | readonly number[] | null
  /** Number of the start it belongs to; default 1. */
  readonly start?: number
  readonly by?: string
  readonly of?: string
}

const judged = z.object({ kind: z.string(), text: z.string(), lines: z.array(z.string()), ends: z.int() })

function judge(said: readonly Said[], ignored: readonly string[] = []) {
  const journal = said
    .map(({ line, start = 1, by = 'rke2', of = unit }) =>
      JSON.stringify({
        MESSAGE: line,
        SYSLOG_IDENTIFIER: by,
        _SYSTEMD_UNIT: of,
        [of === unit ? '_SYSTEMD_INVOCATION_ID' : 'INVOCATION_ID']: `start-${start}`,
      }),
    )
    .join('\n')
  const script = [
    'from slipway.rke2.last_words import entries_of, hopeless_ends, last_words',
    'given = json.load(sys.stdin)',
    `entries = entries_of(given[0], ${JSON.stringify(unit)}, "rke2")`,
    'words, lines = last_words(entries, 20, given[1])',
    'print(json.dumps({"kind": words["kind"], "text": words["text"], "lines": lines, "ends": hopeless_ends(entries, given[1])}))',
  ].join('\n')
  return judged.parse(printedBy(script, JSON.stringify([journal, ignored])))
}

const logrus = (level: string, message: string) =>
  `time="2026-11-28T23:00:00Z" level=${level} msg=${JSON.stringify(message)}`
const fatal = (message: string, start = 1): Said => ({ line: logrus('fatal', message), start })
const systemd = (line: string, start = 1): Said => ({ line, start, by: 'systemd', of: 'init.scope' })
const noise: readonly Said[] = [
  { line: '/sbin/modprobe: No such file or directory', by: '(modprobe)' },
  { line: 'Failed to get unit file state for nm-cloud-setup.service: No such file or directory', by: 'sh' },
  systemd('rke2-server.service: Failed with result ‘protocol’.'),
  systemd('Failed to start rke2-server.service - Rancher Kubernetes Engine v2 (server).'),
  systemd('rke2-server.service: Scheduled restart job, restart counter is at 4.'),
]

describe('the reason of a service that ended', () => {
  const reason = 'starting kubernetes: preparing server: token CA hash does not match the Cluster CA "hash"'

  it('is its last fatal line, whatever was printed after it', () => {
    const journal = [
      fatal('an earlier one'),
      { line: logrus('info', 'Starting rke2') },
      fatal(reason),
      { line: logrus('error', 'Shutdown request received: context canceled') },
      { line: 'exiting' },
      ...noise,
      { line: logrus('info', 'Starting rke2'), start: 2 },
      ...noise,
    ]
    expect(judge(journal)).toMatchObject({ kind: 'fatal', text: reason })
    expect(judge(journal).lines.at(-1)).toContain(JSON.stringify(reason))
  })

  it('is its last error where nothing was fatal, else its own last line', () => {
    const error = { line: logrus('error', 'Failed to connect to proxy') }
    expect(judge([error, { line: 'bye' }, ...noise])).toMatchObject({
      kind: 'error',
      text: 'Failed to connect to proxy',
    })
    expect(judge([{ line: 'cannot open /x' }, ...noise])).toMatchObject({ kind: 'line', text: 'cannot open /x' })
    expect(judge(noise)).toMatchObject({ kind: 'line', text: expect.stringContaining('Failed to get unit file state') })
    expect(judge(noise.slice(2)).text).toContain('restart counter is at 4')
    expect(judge([])).toMatchObject({ kind: 'none', text: '', lines: [] })
  })

  it('is nothing that an earlier life of the service has said', () => {
    const journal = [fatal('of the old configuration', 1), { line: 'starts', start: 2 }]
    expect(judge(journal, ['start-1'])).toMatchObject({ kind: 'line', text: 'starts', ends: 0 })
  })

  it.each([
    [
      'logrus with a cause',
      'time="t" level=fatal msg="cannot join" error="dial tcp: refused"',
      'cannot join: dial tcp: refused',
    ],
    ['logrus with quotes and lines', String.raw`time="t" level=fatal msg="bad \"x\"\nin line 2"`, 'bad "x"\nin line 2'],
    ['logrus of one word', 'time=t level=fatal msg=refused', 'refused'],
    ['logrus with colours', '\u001b[31mtime="t" level=fatal msg="red"\u001b[0m', 'red'],
    ['a level inside of a message', 'time="t" level=fatal msg="saw level=info msg=x"', 'saw level=info msg=x'],
    [
      'JSON',
      '{"level":"fatal","ts":"t","msg":"failed to open db","error":"file is locked"}',
      'failed to open db: file is locked',
    ],
    ['klog', 'F1128 23:00:00.000000    1234 server.go:177] unable to load config', 'unable to load config'],
    ['a panic', 'panic: runtime error: invalid memory address', 'panic: runtime error: invalid memory address'],
    ['Go out of memory', 'fatal error: runtime: out of memory', 'fatal error: runtime: out of memory'],
    ['bytes', [...Buffer.from(logrus('fatal', 'grüße'))], 'grüße'],
  ])('is read from %s', (_, line, text) => {
    expect(judge([{ line }, { line: 'goroutine 1 [running]:' }, ...noise])).toMatchObject({ kind: 'fatal', text })
  })

  it.each([
    ['E1128 23:00:00.000000    1234 run.go:72] "command failed" err="no config"', '"command failed" err="no config"'],
    ['{"level":"error","msg":"slow disk"}', 'slow disk'],
  ])('reads the error of %s', (line, text) => {
    expect(judge([{ line }, { line: 'end' }])).toMatchObject({ kind: 'error', text })
  })

  it.each(['{', '{}', '[1]', 'level=fatal', 'level=', '{"level":7,"msg":[1]}', 'msg="x', '\u0000', 'F1128 x'])(
    'is no fatal word: %j',
    line => {
      expect(judge([{ line }])).toMatchObject({ kind: expect.not.stringContaining('fatal') })
    },
  )

  it('is cut, and lines without text are passed over', () => {
    expect(judge([fatal('x'.repeat(9000)), { line: null }]).text).toHaveLength(1500)
  })
})

describe('a service that ends again and again with the same words', () => {
  const ends = (...words: readonly string[]) => judge(words.map((word, index) => fatal(word, index + 1))).ends

  it('is hopeless, however its numbers differ', () => {
    expect(ends('invalid value "x" for cidr')).toBe(1)
    expect(
      ends('bad hash 1234567890abcdef at 12', 'bad hash abcdef1234567890 at 13', 'bad hash 11111111aaaaaaaa at 9'),
    ).toBe(3)
    expect(ends('first another', 'duplicate node name found', 'duplicate node name found')).toBe(2)
  })

  it.each([
    'etcdserver: too many learner members in cluster',
    'failed to get CA certs: Get "https://10.0.0.1:9345/cacerts": dial tcp 10.0.0.1:9345: connect: connection refused',
    'Get "https://10.0.0.1:9345/v1-rke2/readyz": 503 Service Unavailable',
    'failed to validate server configuration: https://10.0.0.1:9345: 500 Internal Server Error: not ready',
    'context deadline exceeded',
    'dial tcp: lookup m1 on 10.0.0.2:53: server misbehaving',
    'net/http: TLS handshake timeout',
    'etcdserver: unhealthy cluster',
  ])('may still come up after: %s', word => {
    expect(ends(word, word, word, word)).toBe(0)
  })

  it.each([
    'token CA hash does not match the Cluster CA certificate hash',
    'failed to find cpu cgroup (v2)',
    'invalid cluster-cidr value: netip.ParsePrefix("10.42.0.0/48")',
    'dial tcp: lookup nowhere.example on 10.0.0.2:53: no such host',
    'https://10.0.0.1:9345/v1-rke2/server-bootstrap: 401 Unauthorized',
    'flag provided but not defined: -node-labl',
  ])('does not come up after: %s', word => {
    expect(ends(word, word, word)).toBe(3)
  })
})
