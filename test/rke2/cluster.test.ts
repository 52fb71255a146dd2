import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../lab/until.ts'
import { condition, type Configuration, Rke2Hosts } from './hosts.ts'

// The strictness of the stand-in: everything here would pass against RKE2 itself. One story on one lab, told in order.
const token = 'the-server-token'
const agentToken = 'the-agent-token'
let hosts: Rke2Hosts
/** Of servers. A kubelet that is silent for half the usual time is given up. */
const grace = { 'kube-controller-manager-arg': ['node-monitor-grace-period=20s'] }
const settings = { token, 'agent-token': agentToken, ...grace }
const joining = (server: string, more = {}) => ({ server: hosts.supervisor(server), ...settings, ...more })

beforeAll(async () => {
  hosts = await Rke2Hosts.up(`lab-rke2-cluster-${process.pid}`, 5)
  await Promise.all(['h1', 'h2', 'h3', 'h4', 'h5'].map(host => hosts.install(host)))
})
afterAll(() => hosts[Symbol.asyncDispose]())

describe('starting', () => {
  // Observed on RKE2's own server code, v1.34.3+rke2r1: a start that fails for good ends with exit code 0.
  it('refuses bad values with a line and exit code 0', async () => {
    const refused = (more: Configuration) => hosts.attempt('h1', 'server', more)
    const ends = (line: string) => ({ exitCode: 0, output: expect.stringContaining(line) })
    expect(await refused({ selinux: 'perhaps' })).toMatchObject(ends('invalid boolean value'))
    expect(await refused({ 'cluster-dns': '10.99.0.10' })).toMatchObject(ends('invalid cluster-dns address'))
    expect(await refused({ 'cluster-cidr': '10.42.0.0/16,2001:db8:42::/56' })).toMatchObject(
      ends('must share the same IP version'),
    )
  })

  // The same source, and Kubernetes' kubelet: it is started again and again, and only its own log has the reason.
  it('waits for ever for a kubelet that takes no label of a role', async () => {
    const label = await hosts.attempt('h1', 'server', { 'node-label': ['node-role.kubernetes.io/worker=true'] }, 10)
    expect(label).toMatchObject({ exitCode: 124, output: expect.stringContaining('Kubelet exited: exit status 1') })
    expect(await hosts.run('h1', 'cat /var/lib/rancher/rke2/agent/logs/kubelet.log')).toContain(
      "unknown 'kubernetes.io'",
    )
  })

  it('ends for a token of the shape of a bootstrap token when etcd is there already', async () => {
    const shaped = await hosts.attempt('h1', 'server', { token: 'abcdef.0123456789abcdef' })
    expect(shaped).toMatchObject({ exitCode: 0, output: expect.stringContaining('failed to normalize server token') })
    const left = 'ls /etc/rancher/rke2/rke2.yaml server/db/etcd; rm -r *'
    expect(await hosts.run('h1', `cd /var/lib/rancher/rke2; ${left}`)).toMatch(/\/rke2\.yaml\n[^]*^member$/m)
  })

  it('makes two clusters of two servers that are both told nothing of each other', async () => {
    await Promise.all([
      hosts.start('h1', 'server', {
        ...settings,
        'tls-san': ['cluster.example'],
        'write-kubeconfig-mode': '0640',
        'node-label': ['pool=first'],
        'node-taint': ['only=servers:PreferNoSchedule'],
        'node-external-ip': '192.0.2.1',
        'no-such-option': 1,
      }),
      hosts.start('h2', 'server', { token }),
    ])
    const authority = 'sha256sum < /var/lib/rancher/rke2/server/tls/server-ca.crt'
    expect(await hosts.run('h1', authority)).not.toBe(await hosts.run('h2', authority))
    expect(await hosts.kubectl('h1', 'get node -o name')).toBe('node/h1')
    expect(await hosts.kubectl('h2', 'get node -o name')).toBe('node/h2')
  })

  it('warns of an unknown option and goes on', async () => {
    await hosts.untilJournal('h1', 'server', 'Unknown flag --no-such-option found in config.yaml, skipping')
  })

  it('registers a Node as RKE2 does', async () => {
    const show = (path: string) => hosts.kubectl('h1', `get node h1 -o jsonpath='${path}'`)
    expect(await show('{.status.nodeInfo.kubeletVersion}')).toBe('v1.34.1+rke2r1')
    expect(await show('{.metadata.labels.pool}')).toBe('first')
    expect(await show('{.spec.taints[?(@.key=="only")].effect}')).toBe('PreferNoSchedule')
    expect(await show('{range .status.addresses[*]}{.type}={.address} {end}')).toBe(
      `InternalIP=${hosts.address('h1')} ExternalIP=192.0.2.1 Hostname=h1`,
    )
    // Observed on v1.34.3+rke2r1: no label `master` any more.
    const roles = ['control-plane', 'etcd', 'master'].map(
      role => `{.metadata.labels.node-role\\.kubernetes\\.io/${role}}`,
    )
    expect(await show(roles.join(','))).toBe('true,true,')
    await hosts.untilNode('h1', 'h1', condition('Ready'), 'True')
    await hosts.untilNode('h1', 'h1', condition('EtcdIsVoter'), 'True')
  })

  it('writes the kubeconfig, the tokens and a certificate for every name it is reached by', async () => {
    expect(await hosts.run('h1', 'stat -c %a /etc/rancher/rke2/rke2.yaml')).toBe('640')
    expect(await hosts.run('h1', 'grep server: /etc/rancher/rke2/rke2.yaml')).toContain('https://127.0.0.1:6443')
    const hash = await hosts.run('h1', "sha256sum < /var/lib/rancher/rke2/server/tls/server-ca.crt | cut -d' ' -f1")
    expect(await hosts.run('h1', 'cat /var/lib/rancher/rke2/server/node-token')).toBe(`K10${hash}::server:${token}`)
    expect(await hosts.run('h1', 'cat /var/lib/rancher/rke2/server/agent-token')).toBe(`K10${hash}::node:${agentToken}`)
    // Observed on v1.34.3+rke2r1: without an agent-token its file is a link to that of servers.
    expect(await hosts.run('h2', 'readlink /var/lib/rancher/rke2/server/agent-token')).toBe('token')
    const certificate = await hosts.run(
      'h1',
      `openssl s_client -connect ${hosts.address('h1')}:6443 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
    )
    for (const name of [
      'DNS:cluster.example',
      'DNS:h1',
      'IP Address:127.0.0.1',
      `IP Address:${hosts.address('h1')}`,
      'IP Address:10.43.0.1',
    ]) {
      expect(certificate).toContain(name)
    }
  })
})

// Observed on v1.34.3+rke2r1 where no other source is named.
describe('what lies and listens on a server', () => {
  it('is what RKE2 has there: the ports of etcd and of the kubelet, kubeconfig and settings of crictl', async () => {
    const listening = await hosts.run('h1', "ss -Hltn | awk '{ print $4 }'")
    for (const port of ['127.0.0.1:2381', '127.0.0.1:2382', ':6443', ':9345', ':10250', '127.0.0.1:10248']) {
      expect(listening).toContain(port)
    }
    const cat = 'cd /var/lib/rancher/rke2; cat server/cred/admin.kubeconfig agent/etc/crictl.yaml'
    expect(await hosts.run('h1', cat)).toMatch(/server: [\s\S]*containerd.sock/)
  })

  it('answers on 10250 as a kubelet: 401 to everybody, 403 to another kubelet, ok to the API server', async () => {
    const ask = (identity: string) => {
      const script = `import ssl, urllib.request, urllib.error
c = ssl._create_unverified_context()
identity = "${identity}"
if identity: c.load_cert_chain(identity + ".crt", identity + ".key")
try: print(urllib.request.urlopen("https://127.0.0.1:10250/healthz", context=c).read().decode())
except urllib.error.HTTPError as error: print(error.code)`
      return hosts.run('h1', `python3 -c '${script}'`)
    }
    expect(await ask('')).toBe('401')
    expect(await ask('/var/lib/rancher/rke2/agent/client-kubelet')).toBe('403')
    expect(await ask('/var/lib/rancher/rke2/server/tls/client-kube-apiserver')).toBe('ok')
  })
})

describe('joining', () => {
  it('is refused with a wrong token, a wrong CA hash, another cluster CIDR, or no server there', async () => {
    const attempt = (more: object) => hosts.attempt('h3', 'server', joining('h1', more))
    expect((await attempt({ token: 'wrong' })).output).toContain('HTTP 401')
    expect((await attempt({ token: `K10${'0'.repeat(64)}::server:${token}` })).output).toContain(
      'token CA hash does not match',
    )
    expect((await attempt({ 'cluster-cidr': '10.99.0.0/16' })).output).toContain('critical configuration mismatched')
    const nobody = await attempt({ server: hosts.supervisor('h5') })
    expect(nobody).toMatchObject({ exitCode: 0, output: expect.stringContaining('failed to get CA certs') })
    expect(await hosts.etcdctl('h1', 'member list')).not.toContain('h3')
  })

  it('waits while there is another learner, tries again each second, and goes through once that is gone', async () => {
    const added = await hosts.etcdctl('h1', 'member add waiting --learner --peer-urls https://192.0.2.9:2380 -w json')
    await hosts.configure('h3', joining('h1'))
    await hosts.run('h3', 'systemctl enable --now --no-block rke2-server')
    const words = 'Waiting for other members to finish joining etcd cluster: etcdserver: too many learner members'
    await hosts.untilJournal('h3', 'server', words)
    const tries = async () => (await hosts.run('h3', 'journalctl -u rke2-server -o cat --no-pager')).split(words).length
    const before = await tries()
    await until('it tries again', 5, async () => (await tries()) > before)
    expect(await hosts.run('h3', 'systemctl show -p NRestarts --value rke2-server')).toBe('0')
    const id = BigInt(/"member":\{"ID":(\d+)/.exec(added)?.[1] ?? 0).toString(16)
    await hosts.etcdctl('h1', `member remove ${id}`)
    await hosts.untilActive('h3', 'server')
    await hosts.untilNode('h1', 'h3', condition('EtcdIsVoter'), 'True')
  })

  it('works through any server and with the secure token, and ends as a voter', async () => {
    const secure = await hosts.run('h3', 'cat /var/lib/rancher/rke2/server/token')
    await hosts.start('h4', 'server', joining('h3', { token: secure }))
    await hosts.untilNode('h1', 'h4', condition('EtcdIsVoter'), 'True')
    expect((await hosts.etcdctl('h1', 'member list')).split('\n')).toHaveLength(3)
  })

  it('gives an agent a Node, but not with the token of servers when agents have one of their own', async () => {
    await hosts.start('h5', 'agent', { server: hosts.supervisor('h4'), token: agentToken })
    await hosts.untilNode('h1', 'h5', condition('Ready'), 'True')
    await hosts.run('h5', 'systemctl stop rke2-agent; rm -rf /var/lib/rancher/rke2/agent')
    const { output } = await hosts.attempt('h5', 'agent', { server: hosts.supervisor('h4'), token })
    expect(output.match(/does not include a CA hash|HTTP 401/g)).toEqual(['does not include a CA hash', 'HTTP 401'])
  })

  it('refuses an agent whose name was registered with another password, until that is deleted', async () => {
    await hosts.run('h5', 'cp /etc/rancher/node/password /root/password; echo other > /etc/rancher/node/password')
    const agent = { server: hosts.supervisor('h4'), token: agentToken }
    const told = /does not include a CA hash|Node password rejected/g
    const { output } = await hosts.attempt('h5', 'agent', agent)
    expect(output.match(told)).toEqual(['does not include a CA hash', 'Node password rejected'])
    await hosts.kubectl('h1', '-n kube-system delete secret h5.node-password.rke2')
    await hosts.start('h5', 'agent', agent)
    expect(await hosts.kubectl('h1', '-n kube-system get secret h5.node-password.rke2 -o name')).toContain('h5')
  })

  it('takes both loopbacks for an agent, on the ports of the API and of the supervisor', async () => {
    const listening = await hosts.run('h5', "ss -Hltn | awk '{ print $4 }'")
    for (const host of ['127.0.0.1', '[::1]']) {
      for (const port of [6443, 6444]) expect(listening).toContain(`${host}:${port}`)
    }
  })

  it('runs what is scheduled', async () => {
    await hosts.kubectl('h1', 'create deployment web --image=web --replicas=4')
    await hosts.kubectl('h1', 'rollout status deployment web --timeout=120s')
  })
})

describe('a member', () => {
  it('continues with its data and ignores `server:`, even one of another cluster', async () => {
    await hosts.configure('h4', joining('h2', { token }))
    await hosts.restart('h4', 'server')
    expect((await hosts.etcdctl('h4', 'member list')).split('\n')).toHaveLength(3)
    expect(await hosts.kubectl('h2', 'get node -o name')).toBe('node/h2')
    await hosts.configure('h4', joining('h1'))
  })

  it('adds and changes labels at a restart, leaves those that were taken out, and never changes taints', async () => {
    const show = (path: string) => hosts.kubectl('h1', `get node h5 -o jsonpath='${path}'`)
    const agent = { server: hosts.supervisor('h4'), token: agentToken }
    await hosts.configure('h5', { ...agent, 'node-label': ['pool=one', 'rack=r1'], 'node-taint': ['a=b:NoSchedule'] })
    await hosts.restart('h5', 'agent')
    expect(await show('{.metadata.labels.pool},{.metadata.labels.rack}')).toBe('one,r1')
    await hosts.configure('h5', { ...agent, 'node-label': ['pool=two'] })
    await hosts.restart('h5', 'agent')
    expect(await show('{.metadata.labels.pool},{.metadata.labels.rack}')).toBe('two,r1')
    expect(await show('{.spec.taints}')).toBe('')
  })

  it('starts with a node password that is not the registered one, when it is a server', async () => {
    await hosts.run('h4', 'cp /etc/rancher/node/password /root/password; echo other > /etc/rancher/node/password')
    await hosts.restart('h4', 'server')
    await hosts.untilJournal('h4', 'server', 'hash does not match')
    await hosts.run('h4', 'mv /root/password /etc/rancher/node/password')
  })

  it('refuses to start with another token than its data is encrypted with', async () => {
    await hosts.run('h2', 'systemctl stop rke2-server')
    expect((await hosts.attempt('h2', 'server', { token: 'forgotten' })).output).toContain(
      'encrypted with different token',
    )
  })

  it('that is annotated leaves etcd: its control plane goes within 5 s, and its service stays active', async () => {
    const before = await hosts.kubectl(
      'h1',
      `get node h3 -o jsonpath='{.metadata.annotations.etcd\\.rke2\\.cattle\\.io/node-name}'`,
    )
    await hosts.kubectl('h1', 'annotate node h3 etcd.rke2.cattle.io/remove=true')
    await hosts.untilNode('h1', 'h3', '{.metadata.annotations.etcd\\.rke2\\.cattle\\.io/removed-node-name}', before)
    expect(await hosts.etcdctl('h1', 'member list')).not.toContain(before)
    const parts = () => hosts.run('h3', 'pgrep -lf "kube-(apiserver|controller|scheduler)" || true')
    await until('the control plane of h3 is gone', 5, async () => (await parts()) === '')
    expect(await hosts.run('h3', 'systemctl is-active rke2-server')).toBe('active')
    expect(await hosts.run('h3', 'ls /var/lib/rancher/rke2/server/db/etcd')).toBe('config\nmember\nname')
  })

  it('that was removed stays in its start for ever, until the data of then is deleted', async () => {
    await hosts.run('h3', 'systemctl restart --no-block rke2-server')
    const word = "grep -c 'permanently removed from the cluster' /var/lib/rancher/rke2/agent/logs/etcd.log || true"
    const before = Number(await hosts.run('h3', word))
    await until('etcd says it again', 30, async () => Number(await hosts.run('h3', word)) > before)
    expect(await hosts.run('h3', 'systemctl show -p ActiveState,NRestarts --value rke2-server')).toBe('0\nactivating')
    await hosts.run('h3', 'systemctl stop rke2-server; rm -r /var/lib/rancher/rke2/server/db')
    await hosts.start('h3', 'server')
    await hosts.untilNode('h1', 'h3', '{.metadata.annotations.etcd\\.rke2\\.cattle\\.io/remove}', 'false')
    await hosts.untilNode('h1', 'h3', condition('EtcdIsVoter'), 'True')
  })

  it('goes on with its lease when its kubelet or its service is restarted', async () => {
    const renewal = () => hosts.kubectl('h1', `-n kube-node-lease get lease h5 -o jsonpath='{.spec.renewTime}'`)
    for (const restart of ['systemctl kill --signal KILL --kill-whom all rke2-agent', 'pkill -9 -x kwok']) {
      await hosts.run('h5', restart)
      // From here on nobody renews it until the kubelet is started again.
      const before = await renewal()
      await until('the lease is renewed', 40, async () => (await renewal()) !== before)
    }
  })

  it('whose power fails goes NotReady, the agent that joined through it goes on, and it comes back by itself', async () => {
    await hosts.lab.kill('h4')
    await hosts.untilNode('h1', 'h4', condition('Ready'), 'Unknown', 80)
    // Observed on v1.34.3+rke2r1: a dead member still counts as a voter here.
    await hosts.untilNode('h1', 'h4', condition('EtcdIsVoter'), 'True', 1)
    await hosts.untilNode('h1', 'h5', condition('Ready'), 'True')
    await hosts.run('h5', 'systemctl restart rke2-agent')
    await hosts.lab.boot('h4')
    await hosts.untilNode('h1', 'h4', condition('Ready'), 'True', 60)
  })

  it('whose Node is deleted leaves etcd and takes its password with it', async () => {
    await hosts.run('h4', 'systemctl stop rke2-server && rke2-killall.sh && rke2-uninstall.sh')
    await hosts.kubectl('h1', 'delete node h4 --timeout=20s')
    expect(await hosts.etcdctl('h1', 'member list')).not.toContain('h4-')
    const secrets = await hosts.kubectl('h1', '-n kube-system get secret -o name')
    expect(secrets).not.toContain('h4.node-password.rke2')
    expect(await hosts.run('h4', 'ls -d /var/lib/rancher /usr/local/bin/rke2 2>/dev/null || echo gone')).toBe('gone')
  })
})
