import type { Component } from '../contract.ts'
import { loadOwnComponents } from '../own/load.ts'
import { databaseInit } from './database-init/index.ts'
import { databaseMigration } from './database-migration/index.ts'
import { infraOpensearch } from './infra-opensearch/index.ts'
import { infraPostgres } from './infra-postgres/index.ts'
import { infraVictoriametrics } from './infra-victoriametrics/index.ts'
import { operatorFluent } from './operator-fluent/index.ts'
import { operatorGrafana } from './operator-grafana/index.ts'
import { operatorKubeStateMetrics } from './operator-kube-state-metrics/index.ts'
import { operatorOpensearch } from './operator-opensearch/index.ts'
import { operatorPgo } from './operator-pgo/index.ts'
import { operatorVictoriametrics } from './operator-victoriametrics/index.ts'
import { storageSecret } from './storage-secret/index.ts'

/** All components of this version, in the order in which they are installed one after the other. */
const builtIn: readonly Component[] = [
  operatorPgo,
  operatorVictoriametrics,
  operatorOpensearch,
  operatorGrafana,
  operatorFluent,
  operatorKubeStateMetrics,
  infraPostgres,
  infraVictoriametrics,
  infraOpensearch,
  databaseInit,
  databaseMigration,
  storageSecret,
]

const own = await loadOwnComponents(process.env['SLIPWAY_COMPONENTS'] ?? '', new Set(builtIn.map(({ name }) => name)))

/** With those of the user's own (SLIPWAY_COMPONENTS). */
export const catalogue: readonly Component[] = [...builtIn, ...own.components]
/** Why some of the user's own are not among them. */
export const catalogueFaults: readonly string[] = own.faults
