import { defineProvider } from '../contract.ts'
import { moduleFolder } from '../modules.ts'
import { moduleVariables } from '../moduleVariables.ts'
import { addressesOf, listDomains } from './domains.ts'
import { findLibvirt, idInPool, removeLibvirt } from './find.ts'
import { preflightLibvirt } from './preflight.ts'
import { checkLibvirt, libvirtSettings } from './settings.ts'
import { libvirtEnvironment } from './virsh.ts'
import { explainLibvirt } from './words.ts'

/** Virtual machines of libvirt, here or on a host that is reached over SSH. */
export const libvirt = defineProvider({
  name: 'libvirt',
  title: 'Virtual machines of libvirt',
  settings: libvirtSettings,
  takes: { memory: 'optional', cpus: 'optional', disk: 'optional', image: 'required' },
  module: moduleFolder('libvirt'),
  // One that is off is turned on.
  unnoticed: ['autostart', 'running'],
  check: checkLibvirt,
  variables(machine) {
    const { uri, pool, network, bridge, address, virtualization, autostart, agent } = machine.settings
    return { ...moduleVariables(machine), uri, pool, network, bridge, address, virtualization, autostart, agent }
  },
  environment: libvirtEnvironment,
  find: findLibvirt,
  idOf: idInPool,
  remove: removeLibvirt,
  preflight: preflightLibvirt,
  async locate({ uri }, uid, calls) {
    const domain = (await listDomains(uri, calls)).find(one => one.uid === uid)
    return domain ? addressesOf(uri, domain, calls) : []
  },
  explain: explainLibvirt,
})
