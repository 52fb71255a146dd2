import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'
import { checkDotfiles } from './dotfilesInput.ts'

const refused = (why: string) => expect.objectContaining({ code: 'usage', message: expect.stringContaining(why) })

it.each([
  ['dotfiles', 'absolute'],
  ['/home/../etc', 'no ..'],
  ['/home/$USER', 'nothing that a shell reads'],
  ['/home/me;reboot', 'nothing that a shell reads'],
  ['/home/my files', 'no blanks'],
  ['/home/me\n', 'nothing that a shell reads'],
  ['/nowhere/at/all', 'not there'],
  ['/etc/passwd', 'no folder'],
])('%j is refused as a path of dotfiles', async (path, why) => {
  await expect(checkDotfiles(path)).rejects.toEqual(refused(why))
})

const script = (text: string, mode: number) => (path: string) => {
  writeFileSync(path, text)
  chmodSync(path, mode)
}

it.each<[string, (path: string) => void, string | null]>([
  ['an executable', script('\u007fELF', 0o755), null],
  ['a shell script that is not executable', script('#!/usr/bin/env bash\n', 0o644), null],
  ['a text', script('hello', 0o644), 'neither executable nor a shell script'],
  ['an empty file', script('', 0o755), 'neither executable nor a shell script'],
  ['one that everybody may write to', script('#!/bin/sh\n', 0o757), 'everybody may write to it'],
  ['a folder', path => mkdirSync(path), 'no regular file'],
  ['a link that leads out', path => symlinkSync('/bin/sh', path), 'leads out of its folder'],
  ['nothing', () => {}, 'no install script'],
])('an install script that is %s is judged', async (_what, make, why) => {
  const folder = temporaryFolder()
  make(join(folder, 'install.sh'))
  if (why === null) await checkDotfiles(folder)
  else await expect(checkDotfiles(folder)).rejects.toEqual(refused(why))
})

it('a folder that everybody may write to is refused', async () => {
  const folder = temporaryFolder()
  script('#!/bin/sh\n', 0o755)(join(folder, 'install.sh'))
  chmodSync(folder, 0o777)
  await expect(checkDotfiles(folder)).rejects.toEqual(refused('everybody may put files into it'))
})
