import { error, type FindingEntry, note } from './entry.ts'

/** What is found in the files that a cluster file names: keys, passwords, tokens, credentials. */
export const keyFileFindings = {
  'key-file-unreadable': error(
    'A file that the cluster file names cannot be read',
    'Fix the path (a relative one begins at the folder of the cluster file) or the permissions of the file.',
  ),
  'key-file-missing': error(
    'The contents of a file that the cluster file names were not sent',
    'Send them in `files`, under the path as the cluster file writes it.',
  ),
  'key-file-exposed': note(
    'Every user of this machine can read a file that holds a secret',
    'Take the right away: chmod 600 FILE.',
  ),
  'key-file-too-large': error('A file is too large for a key or password', 'Name the right file.'),
  'key-file-no-text': error('A file that should hold a secret is not text', 'Name the right file.'),
  'key-file-empty': error(
    'A file that should hold a secret is empty, or holds nothing but blanks',
    'Put the secret into it, or name another file.',
  ),
  'key-file-lines': error(
    'A file that should hold one secret has several lines',
    'Keep the secret alone, on the first line.',
  ),
  'key-file-public': error('A public key was named where the private one is needed', 'Name the file without .pub.'),
  'key-file-putty': error('A key is in the form of PuTTY', 'Convert it: puttygen KEY.ppk -O private-openssh -o KEY.'),
  'key-file-no-key': error(
    'A file is not a private key in PEM or OpenSSH form',
    'Name the private key of the login, such as ~/.ssh/id_ed25519.',
  ),
  'key-file-damaged': error(
    'A private key is cut off or damaged',
    'Copy the file again; `ssh-keygen -y -f FILE` reads one that is whole.',
  ),
  'key-file-passphrase': error(
    'A private key is protected by a passphrase, and nobody is there to type it during a run',
    'Load it into the SSH agent (ssh-add FILE) and remove key_file, or use a key without a passphrase.',
  ),
  'key-file-credentials': error(
    'A file with the login of a registry does not have the form that is needed',
    'Write two lines into it: `username: NAME` and `password: PASSWORD`.',
  ),
  'key-file-blanks': error('Blanks stand before or behind the secret of a file', 'Remove them.'),
  'key-file-signs': error('A file with a secret holds control characters', 'Write the secret anew, on one line.'),
  'own-file-too-large': error(
    'A file that is to be brought to the machines is too large, or all of them together are',
    'Divide it, or let something else deploy what is so large.',
  ),
  'own-file-no-text': error('A file that is to be brought to the machines is not UTF-8 text', 'Name the right file.'),
  'own-file-empty': error(
    'A file that is to be brought to the machines is empty',
    'Put into it what is to be there, or take its name out of the cluster file.',
  ),
  'folder-unreadable': error(
    'A folder that the cluster file names cannot be read',
    'Fix the path (a relative one begins at the folder of the cluster file) or the permissions.',
  ),
  'folder-empty': error(
    'A folder that the cluster file names has no file of the kind that is meant',
    'Put the files into it, or take its name out of the cluster file.',
  ),
  'folder-too-large': error(
    'A folder that the cluster file names holds too many files, or too large ones',
    'Name a folder that holds what is meant, and nothing else.',
  ),
  'folder-link': error(
    'In a folder that the cluster file names lies what is no file and no folder: a link, a pipe, a device',
    'Put a copy of what it leads to there, or take it out.',
  ),
  'folder-is-file': error('A file is named where a folder is meant', 'Name the folder in which the file lies.'),
  'folder-no-archive': error(
    'What was sent for a folder is no archive of one',
    'Send it in `files` as `tar -czf - -C FOLDER . | base64 -w0` writes it, under the path as the cluster file writes it.',
  ),
  'key-file-token': error(
    'A server token has a form with which no RKE2 cluster works',
    'Write a password of letters and digits, like `openssl rand -hex 24` makes; or leave token_file out.',
  ),
} as const satisfies Record<string, FindingEntry>
