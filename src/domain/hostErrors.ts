import { entry } from './errorEntry.ts'

/** The part of the error catalogue that is about a host and the way to it. */
export const hostErrors = {
  'host-unreachable': entry(
    'failed',
    502,
    'A host cannot be reached over SSH',
    'Check the address, the network and sshd on the host; then plan again, or `slipway resume` a run that failed. A machine can be left out for now, all but the first server of a cluster that is not made yet: --accept unreachable:HOST.',
  ),
  'host-key-changed': entry(
    'refused',
    409,
    'A host shows another key than the one recorded',
    'If the machine was reinstalled on purpose, take its new key by name: `slipway apply -f FILE --accept host-key-changed:HOST`.',
  ),
  'authentication-failed': entry(
    'refused',
    502,
    'The host refuses the login or sudo',
    'Log in by hand as that user with that key, run `sudo -v`, and compare with ssh.user, ssh.key_file and ssh.sudo_password_file.',
  ),
  'host-reply-invalid': entry(
    'failed',
    502,
    'A host answers in a way that cannot be trusted',
    'Log in by hand and look at what the login shell and python3 print; then `slipway resume`.',
  ),
  'fence-refused': entry(
    'failed',
    409,
    'The host refused an outdated worker',
    'A newer run owns this host; follow that one.',
  ),
} as const
