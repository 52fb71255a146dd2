import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archive, bootstrap, pythonFolder } from '../../src/hosts/pythonArchive.ts'

/** What brings a release to a host, run on this machine. */

const prelude = `
import json, os, sys
sys.path.insert(0, ${JSON.stringify(pythonFolder)})
from slipway import download
from slipway.rke2 import installed, unpacking
`

/** The JSON that Python lines print. */
function run(lines: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const env = { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1', ...environment }
  return JSON.parse(execFileSync('python3', ['-'], { input: `${prelude}\n${lines}`, encoding: 'utf8', env }))
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-modules-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the files of a release', () => {
  const files = [
    'bin/rke2',
    'bin/rke2-killall.sh',
    'lib/systemd/system/rke2-server.env',
    'lib/systemd/system/rke2-server.service',
    'share/rke2/LICENSE.txt',
  ]

  it('have their program moved last, so that one that broke off is never taken for whole', () => {
    for (const name of files) {
      mkdirSync(dirname(join(folder, 'staging', name)), { recursive: true })
      writeFileSync(join(folder, 'staging', name), name)
    }
    writeFileSync(join(folder, 'note'), '{"version": "v1", "files": [], "images": {"i": "1"}}')
    const seen = run(`
r = unpacking
installed.NOTE = ${JSON.stringify(join(folder, 'note'))}
installed.DEFAULT_PREFIX = prefix = ${JSON.stringify(join(folder, 'prefix'))}
move, seen = r._move, []
def watched(source, place):
    seen.append([os.path.relpath(place, prefix), "version" in r.read_note()])
    move(source, place)
r._move = watched
places = r.install(${JSON.stringify(join(folder, 'staging'))}, ${JSON.stringify(files)}, prefix)
before = installed.is_installed("v2", None)
r.note_release("v2", "sum", prefix, places)
print(json.dumps([seen, before, installed.is_installed("v2", "sum"), installed.is_installed("v1", None), r.read_note()["images"]]))`)
    expect(seen).toEqual([
      [
        ['bin/rke2-killall.sh', false],
        ['share/rke2/LICENSE.txt', false],
        ['lib/systemd/system/rke2-server.env', false],
        ['lib/systemd/system/rke2-server.service', false],
        ['bin/rke2', false],
      ],
      false,
      true,
      false,
      { i: '1' },
    ])
  })

  it('go below another prefix, only the units where systemd looks for them', () => {
    const places = run(`print(json.dumps(unpacking.destinations(${JSON.stringify(files)}, "/opt/rke2")))`)
    expect(places).toEqual({
      'bin/rke2': '/opt/rke2/bin/rke2',
      'bin/rke2-killall.sh': '/opt/rke2/bin/rke2-killall.sh',
      'lib/systemd/system/rke2-server.env': '/opt/rke2/lib/systemd/system/rke2-server.env',
      'lib/systemd/system/rke2-server.service': '/etc/systemd/system/rke2-server.service',
      'share/rke2/LICENSE.txt': '/opt/rke2/share/rke2/LICENSE.txt',
    })
  })
})

describe('a download', () => {
  const failure = (url: string, environment: Readonly<Record<string, string>> = {}) =>
    String(
      run(`
d = download
d.use_proxies(${JSON.stringify(environment)}, ${JSON.stringify(url)})
try:
    d.fetch(${JSON.stringify(url)}, pause=lambda seconds: None)
except (d.Missing, d.Unavailable) as error:
    print(json.dumps(str(error)))`),
    )

  it.each([
    'http://bob:s3cr3t@127.0.0.1:1/x',
    'http://bob:s3cr3t@127.0.0.1/x',
    'http://bob:s3/cr3t@127.0.0.1:1/x',
    'http://bob:s3cr3t@/x',
    'http://[bob:s3cr3t@::1/x',
    'http://bob:s3cr3t@127.0.0.1:port/x',
  ])('never says the login in %s', url => {
    const said = failure(url)
    expect(said).toMatch(/^http:/)
    expect(said).not.toMatch(/bob|s3|cr3t/)
  })

  it.each(['http://bob:s3cr3t@127.0.0.1:1', 'http://bob:s3cr3t@127.0.0.1:port', 'http://bob:s3/cr3t@127.0.0.1'])(
    'never says the login of the proxy %s',
    proxy => {
      const said = failure('http://127.0.0.1:1/x', { HTTP_PROXY: proxy })
      expect(said).toMatch(/^http:\/\/127.0.0.1:1\/x: ./)
      expect(said).not.toMatch(/bob|s3|cr3t/)
    },
  )

  it('says what is wrong where no login can be told', () => {
    expect(failure('http://127.0.0.1:1/x')).toBe('http://127.0.0.1:1/x: [Errno 111] Connection refused')
  })

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['[fd00::1]', 'fd00::/8', true],
    ['10.1.2.3', 'fd00::/8,nonsense/8,', false],
    ['mirror.example.org', '10.0.0.0/8', false],
    ['mirror.example.org', '10.0.0.0/8,.example.org', true],
  ])('of %s with NO_PROXY %s goes past the proxy: %s', (host, exceptions, past) => {
    const environment = { HTTP_PROXY: 'http://127.0.0.1:3128', NO_PROXY: exceptions }
    const found = run(`
from urllib.parse import urlsplit
from urllib.request import proxy_bypass
url = ${JSON.stringify(`http://${host}:8080/x`)}
download.use_proxies(${JSON.stringify(environment)}, url)
print(json.dumps(bool(proxy_bypass(urlsplit(url).netloc))))`)
    expect(found).toBe(past)
  })

  it('knows no proxies but those that it was given', () => {
    const found = run(
      'download.use_proxies({}, "http://h"); print(json.dumps([key for key in os.environ if "proxy" in key.lower()]))',
      {
        http_proxy: 'http://127.0.0.1:1',
        HTTPS_PROXY: 'http://127.0.0.1:1',
        no_proxy: 'x',
      },
    )
    expect(found).toEqual([])
  })
})

describe('the look at a source of releases', () => {
  const ask = async (port: number, environment: Readonly<Record<string, string>> = {}) => {
    const wanted = { urls: [`http://127.0.0.1:${port}/x`], environment, timeout: 5 }
    const { execFile } = await import('node:child_process')
    const child = execFile('sh', ['-c', `${bootstrap()} slipway.rke2.release_source`], {
      env: { PATH: process.env['PATH'], http_proxy: 'http://127.0.0.1:1' },
    })
    child.stdin?.end(Buffer.concat([archive(), Buffer.from(JSON.stringify(wanted))]))
    let said = ''
    for await (const text of child.stdout ?? []) said += String(text)
    return JSON.parse(said).replies[0]
  }
  /** Answers by the first line of a request; tells what was asked. */
  async function answering(
    reply: (request: string) => string,
  ): Promise<{ port: number; asked: string[]; server: Server }> {
    const asked: string[] = []
    const server = createServer(socket => {
      socket.once('data', data => {
        asked.push(String(data).split('\r\n')[0] ?? '')
        socket.end(reply(String(data)))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return { port: address.port, asked, server }
  }

  it('asks with GET for a first byte where the server knows no HEAD', async () => {
    await using source = disposable(
      await answering(request =>
        request.startsWith('HEAD')
          ? 'HTTP/1.0 405 Method Not Allowed\r\n\r\n'
          : `HTTP/1.0 ${request.includes('Range: bytes=0-0') ? '206 Partial Content' : '500 No'}\r\n\r\nx`,
      ),
    )
    expect(await ask(source.port)).toEqual({ url: `http://127.0.0.1:${source.port}/x`, status: 206, error: null })
    expect(source.asked).toEqual(['HEAD /x HTTP/1.1', 'GET /x HTTP/1.1'])
  })

  it('says that a source speaks no HTTP, and does not blame the host', async () => {
    await using source = disposable(await answering(() => 'SSH-2.0-OpenSSH_9.2\r\n'))
    expect(await ask(source.port)).toMatchObject({ status: null, error: expect.stringContaining('SSH-2.0') })
  })

  it('goes through the given proxy only, and past it for what it is not for', async () => {
    await using source = disposable(await answering(() => 'HTTP/1.0 200 OK\r\n\r\n'))
    const proxy = { HTTP_PROXY: 'http://127.0.0.1:1' }
    expect(await ask(source.port)).toMatchObject({ status: 200 })
    expect(await ask(source.port, proxy)).toMatchObject({ status: null, error: '[Errno 111] Connection refused' })
    expect(await ask(source.port, { ...proxy, NO_PROXY: '127.0.0.0/8' })).toMatchObject({ status: 200 })
  })
})

const disposable = <Value extends { server: Server }>(value: Value): Value & AsyncDisposable => ({
  ...value,
  [Symbol.asyncDispose]: () => new Promise(resolve => value.server.close(() => resolve())),
})
