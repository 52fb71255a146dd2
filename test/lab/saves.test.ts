import { rename } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { sudoPasswordFile } from '../../lab/identity.ts'
import { Lab } from '../../lab/lab.ts'
import { forgetSave, saveNames } from '../../lab/saves.ts'
import { on, ownName, whatIsLeftOf } from './harness.ts'

const save = ownName('formed')
afterAll(() => {
  if (saveNames().includes(save)) forgetSave(save)
})

test('a saved lab comes back with its data, addresses and identities, also under another name', async () => {
  const identity = 'cat /etc/machine-id /root/data; hostname; hostname -I'
  let before: string
  {
    await using lab = await Lab.up({ name: ownName('saved'), hosts: 2 })
    await on(lab, 'h2', 'echo data > /root/data')
    before = await on(lab, 'h2', identity)
    await lab.kill('h1')
    await lab.save(save)
    expect([lab.stateOf('h1'), lab.stateOf('h2')]).toEqual(['off', 'on'])
    await on(lab, 'h2', 'echo later > /root/data')

    // A save that fails: the lab goes on, and what was kept before is kept.
    const secret = sudoPasswordFile(lab.name)
    await rename(secret, `${secret}.away`)
    await expect(lab.save(save)).rejects.toThrow('sudo_password')
    await rename(`${secret}.away`, secret)
    expect([lab.stateOf('h1'), lab.stateOf('h2')]).toEqual(['off', 'on'])
    expect(await on(lab, 'h2', 'cat /root/data')).toBe('later')

    await expect(Lab.load(save, { name: ownName('second') })).rejects.toThrow('is in use')
    expect(await whatIsLeftOf(ownName('second'))).toEqual([])
  }
  {
    await using lab = await Lab.load(save, { name: ownName('second') })
    expect(await on(lab, 'h2', identity)).toBe(before)
    await on(lab, 'h2', 'rm /root/data')
    await Lab.load(save, { name: ownName('second') })
    expect(await on(lab, 'h2', identity)).toBe(before)
    expect(await on(lab, 'h1', 'hostname')).toBe('h1')
  }
  expect(saveNames()).toContain(save)
  forgetSave(save)
  expect(saveNames()).not.toContain(save)
  await expect(Lab.load(save, { name: ownName('second') })).rejects.toMatchObject({ exitCode: 2 })
})
