import { expect, it } from 'vitest'
import { enabledComponents } from '../components/enabled.ts'
import { platformFiles } from '../chartFiles.ts'
import { removalPipeline } from '../removal/pipeline.ts'
import { platformSpec } from '../spec.ts'

const enabled = (components: object) =>
  enabledComponents(platformSpec.parse({ components })).map(({ component, namespace, needs }) => ({
    name: component.name,
    namespace,
    needs: [...needs],
  }))

it('all of it comes before a Secret that applications read, beside the server that is set', () => {
  expect(enabled({ 'infra-postgres': { namespace: 'db' }, 'storage-secret': {} })).toEqual([
    { name: 'operator-pgo', namespace: 'postgres-operator', needs: [] },
    { name: 'infra-postgres', namespace: 'db', needs: ['operator-pgo'] },
    { name: 'database-init', namespace: 'db', needs: ['infra-postgres'] },
    { name: 'database-migration', namespace: 'db', needs: ['database-init'] },
    { name: 'storage-secret', namespace: 'db', needs: ['database-migration'] },
  ])
  const connection = { secret: 'login', service: 'pg' }
  expect(enabled({ 'database-init': { connection, namespace: 'own' } })).toEqual([
    { name: 'database-init', namespace: 'own', needs: [] },
  ])
})

it('passwords and folders of migrations are files of the cluster file', () => {
  const platform = platformSpec.parse({
    components: {
      'database-init': { roles: [{ name: 'app' }, { name: 'shop', password_file: 'shop.password' }] },
      'database-migration': { folders: [{ database: 'shop', path: './sql' }] },
    },
  })
  expect(platformFiles(platform).map(({ file, kind, path }) => [file, kind.name, path.slice(4).join('.')])).toEqual([
    ['shop.password', 'role-password', 'roles.1.password_file'],
    ['./sql', 'migrations', 'folders.0.path'],
  ])
})

it('what is refused in a file: names that PostgreSQL does not keep, and what is said twice', () => {
  const fault = (component: string, set: object) =>
    platformSpec.safeParse({ components: { [component]: set } }).error?.issues[0]?.message ?? null
  const roles = (...names: string[]) => fault('database-init', { roles: names.map(name => ({ name })) })
  expect(roles('app', 'shop_owner')).toBeNull()
  expect(roles('pg_app')).toMatch(/begin with pg_/)
  expect(roles('App')).toMatch(/lower-case/)
  expect(roles('shop_owner', 'shop-owner')).toMatch(/differ only in _ and -/)
  expect(fault('database-init', { databases: [{ name: 'a' }, { name: 'a' }] })).toMatch(/same name/)
  expect(fault('database-init', { databases: [{ name: 'ä'.repeat(32) }] })).toMatch(/63 bytes/)
  const folders = [
    { database: 'a', path: './one' },
    { database: 'a', path: './two' },
  ]
  expect(fault('database-migration', { folders })).toMatch(/one folder/)
})

it('what was made in databases is not taken out with a component', () => {
  const asked = {
    operation: 'platform-disable',
    components: ['database-init'],
    uninstall: true,
    cascade: 'background',
    namespace: null,
    unknown: [],
  } as const
  const { stages, findings } = removalPipeline('demo', asked, {})
  expect(findings.map(({ name }) => name)).toEqual(['component-holds-data'])
  expect(stages).toMatchObject([{ arguments: { uninstall: false } }])
})
