import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { keepRunning, type Running } from './child.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import type { Paths } from './paths.ts'
import { certificatesOf, program } from './programs.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

export function startApiserver(paths: Paths, settings: Settings): Promise<Running> {
  const tls = (file: string) => join(paths.tls, file)
  const domain = settings.shared['cluster-domain'] ?? 'cluster.local'
  const ownFiles = apiserverFiles(paths, settings)
  return keepRunning(
    program(
      paths,
      'kube-apiserver',
      {
        'advertise-address': settings.advertiseAddress,
        'allow-privileged': 'true',
        'anonymous-auth': 'false',
        'api-audiences': `https://kubernetes.default.svc.${domain},rke2`,
        'authorization-mode': 'Node,RBAC',
        'bind-address': isIPv6(settings.nodeIp) ? '::' : '0.0.0.0',
        'cert-dir': join(paths.server, 'tls', 'temporary-certs'),
        'client-ca-file': tls('client-ca.crt'),
        'enable-admission-plugins': 'NodeRestriction',
        'enable-aggregator-routing': 'true',
        'encryption-provider-config': join(paths.cred, 'encryption-config.json'),
        'etcd-cafile': tls('etcd/server-ca.crt'),
        'etcd-certfile': tls('etcd/client.crt'),
        'etcd-keyfile': tls('etcd/client.key'),
        'etcd-servers': 'https://127.0.0.1:2379',
        'kubelet-certificate-authority': tls('server-ca.crt'),
        'kubelet-client-certificate': tls('client-kube-apiserver.crt'),
        'kubelet-client-key': tls('client-kube-apiserver.key'),
        'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
        profiling: 'false',
        'proxy-client-cert-file': tls('client-auth-proxy.crt'),
        'proxy-client-key-file': tls('client-auth-proxy.key'),
        'requestheader-allowed-names': 'system:auth-proxy',
        'requestheader-client-ca-file': tls('request-header-ca.crt'),
        'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
        'requestheader-group-headers': 'X-Remote-Group',
        'requestheader-username-headers': 'X-Remote-User',
        'secure-port': '6443',
        'service-account-issuer': `https://kubernetes.default.svc.${domain}`,
        'service-account-key-file': tls('service.key'),
        'service-account-signing-key-file': tls('service.key'),
        'service-cluster-ip-range': settings.shared['service-cidr'] ?? '10.43.0.0/16',
        'service-node-port-range': settings.nodePortRange,
        'storage-backend': 'etcd3',
        'tls-cert-file': tls('serving-kube-apiserver.crt'),
        'tls-private-key-file': tls('serving-kube-apiserver.key'),
        ...ownFiles.options,
      },
      settings.extra.apiserver,
      version +
        certificatesOf(paths) +
        readFileSync(join(paths.cred, 'encryption-config.json'), 'utf8') +
        ownFiles.contents,
    ),
  )
}

/** As RKE2 does it: what is in the files decides as well whether the API server is started anew. */
function apiserverFiles(paths: Paths, { apiserverFiles: { auditPolicy, admission } }: Settings) {
  const options = {
    ...(auditPolicy && {
      'audit-policy-file': auditPolicy,
      'audit-log-path': join(paths.server, 'logs', 'audit.log'),
      'audit-log-maxsize': '100',
    }),
    ...(admission && { 'admission-control-config-file': admission }),
  }
  const files = [auditPolicy, admission].filter(file => file !== undefined)
  return { options, contents: files.map(file => readFileSync(file, 'utf8')).join('') }
}

async function clientConfig(paths: Paths, name: string): Promise<string> {
  const file = join(paths.cred, `${name}.kubeconfig`)
  await writeKubeconfig(file, {
    server: 'https://127.0.0.1:6443',
    caFile: join(paths.tls, 'server-ca.crt'),
    stem: join(paths.tls, `client-${name}`),
    mode: 0o600,
  })
  return file
}

/** Starts the controller manager and the scheduler against this server's own API. */
export async function startControllers(paths: Paths, settings: Settings): Promise<Running[]> {
  const tls = (file: string) => join(paths.tls, file)
  const controller = await clientConfig(paths, 'controller')
  const scheduler = await clientConfig(paths, 'scheduler')
  const certificates = version + certificatesOf(paths)
  return Promise.all([
    keepRunning(
      program(
        paths,
        'kube-controller-manager',
        {
          'allocate-node-cidrs': 'true',
          'authentication-kubeconfig': controller,
          'authorization-kubeconfig': controller,
          'bind-address': '127.0.0.1',
          'cluster-cidr': settings.shared['cluster-cidr'] ?? '10.42.0.0/16',
          'cluster-signing-cert-file': tls('client-ca.crt'),
          'cluster-signing-key-file': tls('client-ca.key'),
          controllers: '*,tokencleaner',
          kubeconfig: controller,
          profiling: 'false',
          'root-ca-file': tls('server-ca.crt'),
          'secure-port': '10257',
          'service-account-private-key-file': tls('service.key'),
          'service-cluster-ip-range': settings.shared['service-cidr'] ?? '10.43.0.0/16',
          'use-service-account-credentials': 'true',
        },
        settings.extra.controllerManager,
        certificates,
      ),
    ),
    keepRunning(
      program(
        paths,
        'kube-scheduler',
        {
          'authentication-kubeconfig': scheduler,
          'authorization-kubeconfig': scheduler,
          'bind-address': '127.0.0.1',
          kubeconfig: scheduler,
          profiling: 'false',
          'secure-port': '10259',
        },
        settings.extra.scheduler,
        certificates,
      ),
    ),
  ])
}
