import type { z } from 'zod'
import type { Json } from '../contract/json.ts'
import type { layers } from '../contract/platform.ts'
import type { KeyFile } from '../domain/clusterFile/keyFiles.ts'
import type { Path } from '../domain/clusterFile/plainTree.ts'
import type { Stage } from '../engine/contract/stage.ts'
import type { SentObject } from '../kubernetes/client.ts'
import type { LooseObject } from '../kubernetes/looseObject.ts'
import type { Query } from '../kubernetes/objects.ts'
import type { ApiObject, Resource } from '../kubernetes/resource.ts'
import type { Workload } from '../kubernetes/workloads.ts'
import type { PlatformSession } from './platformSession.ts'

/**
 * What the platform knows of a component: an operator, a database, an application. A new one is a folder with this, and a
 * line in `catalogue/index.ts`.
 */
export type Component<Settings extends z.ZodRawShape = z.ZodRawShape> =
  | ChartComponent<Settings>
  | ObjectsComponent<Settings>
  | WorkComponent<Settings>

export type Layer = (typeof layers)[number]

interface ComponentBase<Settings extends z.ZodRawShape> {
  /** By which the cluster file, plans and commands name it: `operator-pgo`. */
  readonly name: string
  /** What it is, in a few words: `PGO, Crunchy Data’s operator for PostgreSQL`. */
  readonly title: string
  readonly layer: Layer
  /** Components that have to be ready first; they come with it where the cluster file does not name them. */
  readonly needs: readonly string[]
  /** Those of them that it does without, as it is set. Pure. */
  spares?(settings: SettingsOf<Settings>): readonly string[]
  readonly defaults: ComponentDefaults
  /** The component in whose namespace it is where nothing else is set, and that one is there. */
  readonly beside?: string
  /** What of it can be set beside what can be of every component. */
  readonly settings: Settings
  /** Whether it keeps data, and so needs a storage class. */
  readonly keepsData?: true
  /** Files that its settings name. @param path of its settings. Pure. */
  files?(settings: SettingsOf<Settings>, path: Path): readonly KeyFile[]
}

/** A component that is a chart. */
export interface ChartComponent<Settings extends z.ZodRawShape = z.ZodRawShape> extends ComponentBase<Settings> {
  readonly kind: 'chart'
  readonly chart: ChartDefault
  /** Values of its chart that follow from what is set; the user's own go over them. Pure. */
  values(settings: SettingsOf<Settings>, resolved: Resolved): Readonly<Record<string, Json>>
  /** Paths in the values of its chart at which its storage class goes. */
  readonly storageClassValues?: readonly string[]
  /** What is waited for beside the workloads of its chart. Pure. */
  ready?(settings: SettingsOf<Settings>, resolved: Resolved): readonly Condition[]
  /** By what an installation of it is known that is no release of ours. Missing: by nothing, it can be there many times. */
  readonly marks?: Marks
}

/** A component that is objects of the API, made by server-side apply. */
export interface ObjectsComponent<Settings extends z.ZodRawShape = z.ZodRawShape> extends ComponentBase<Settings> {
  readonly kind: 'objects'
  /** Pure. */
  objects(settings: SettingsOf<Settings>, resolved: Resolved): readonly WantedObject[]
  /** What is waited for until it is ready. Pure. */
  ready(settings: SettingsOf<Settings>, resolved: Resolved): readonly Condition[]
  /** Where one of its objects keeps its data as it is, and how much; null: that one keeps none. Pure. */
  stored?(object: LooseObject): Stored | null
}

/** A component that is something to be done with what others bring: a stage of its own, in `components/workStages.ts`. */
export interface WorkComponent<Settings extends z.ZodRawShape = z.ZodRawShape> extends ComponentBase<Settings> {
  readonly kind: 'work'
  /** What is so when it is done, in words. */
  readonly done: readonly string[]
}

/** Code of the stage of such a component; whoever only reads cluster files does without. */
interface WorkCode<Settings extends z.ZodRawShape> {
  stage(subject: WorkSubject<Settings>, session: PlatformSession): Stage<unknown, unknown, unknown>
}
export type WorkStage<Settings extends z.ZodRawShape = z.ZodRawShape> = WorkCode<Settings>['stage']

/** What the stage of such a component is given. */
export interface WorkSubject<Settings extends z.ZodRawShape = z.ZodRawShape> {
  /** `component database-init` */
  readonly about: string
  readonly name: string
  readonly namespace: string
  /** ms */
  readonly timeout: number
  /** Stages of this plan that bring the API where it does not answer now. */
  readonly afterStages: readonly string[]
  /** Stages of the components that it needs. */
  readonly needs: readonly string[]
  /** @throws SlipwayError `not-found` when the cluster file wants it no more. */
  read(): Promise<WorkWish<Settings>>
}

export interface WorkWish<Settings extends z.ZodRawShape = z.ZodRawShape> {
  readonly settings: SettingsOf<Settings>
  /** Another component of the same file; null where it is not to be there. */
  other(name: string): SetComponent | null
}

/** A component as it is set. */
export interface SetComponent {
  readonly namespace: string
  /** With its defaults; by its schema. */
  readonly settings: Readonly<Record<string, unknown>>
}

export type SettingsOf<Settings extends z.ZodRawShape> = z.output<z.ZodObject<Settings>>

export interface ComponentDefaults {
  readonly namespace: string
  readonly timeout_s: number
  /** Whether a run fails with it; otherwise only what needs it is left out. */
  readonly required: boolean
  /** The oldest version of somebody else's that is used. */
  readonly min_version?: string
}

/** A chart where it is published. */
export interface ChartDefault {
  /** `oci://…`, its name in the repository, or a file or folder. */
  readonly chart: string
  readonly repository?: string
  /** Of one that is fetched. */
  readonly version: string
  readonly digest?: string
  /** Absolute path on this machine that a file is relative to. */
  readonly directory?: string
}

/** What settings come down to on a cluster. */
export interface Resolved {
  readonly namespace: string
  /** Never empty; null for a component that keeps no data. */
  readonly storageClass: string | null
  readonly image: ImageSettings
  /** What the spec of its pods has so that they get the logins of image registries. Missing: there are none. */
  readonly logins?: { readonly imagePullSecrets: readonly { readonly name: string }[] }
}

/** What volumes there are. */
export interface Stored {
  readonly storageClass: string | null
  /** A quantity of Kubernetes: `10Gi`. */
  readonly size: string | null
}

/** Where images come from, where it is not from where the chart has them. */
export interface ImageSettings {
  readonly registry?: string | undefined
  readonly repository?: string | undefined
  readonly tag?: string | undefined
}

/** By what an installation is found, whoever has made it. */
export interface Marks {
  /** Names of CustomResourceDefinitions that it needs to be of use. */
  readonly definitions: readonly string[]
  /** Labels of its Deployment, by which nothing else is found. */
  readonly labels: Readonly<Record<string, string>>
  /** Labels that Deployments of others have as well: theirs are told by their image. */
  readonly weakLabels?: Readonly<Record<string, string>>
  /** Names of its Deployment, where nothing has the labels. */
  readonly names: readonly string[]
  /** Last part of the name of its image, which tells its version too: a mirror has it under another path. */
  readonly image: string
  /** Namespaces that it looks after; null: all. Missing: it has no such limits. Pure. */
  scope?(deployment: Workload): readonly string[] | null
}

/** An object as it is to be, and where the API serves it. */
export interface WantedObject {
  readonly resource: Resource<LooseObject>
  readonly object: SentObject
  /** Others have it as well: what is said of it here is added, and it is nobody's alone. */
  readonly shared?: true
}

/** Something that is waited for by a watch: one object, or all of a query. */
export interface Condition<T extends ApiObject = LooseObject> {
  /** `PostgresCluster db/main`, `pods of db/main` */
  readonly title: string
  readonly resource: Resource<T>
  readonly query: Query
  /** What is missing, in words; null when nothing is. Empty: there are none. */
  missing(objects: readonly T[]): string | null
}

/** What was found of a component that is a chart. */
export type Detected =
  | { readonly state: 'absent' }
  | { readonly state: 'ours'; readonly found: FoundInstallation }
  | { readonly state: 'anothers'; readonly found: FoundInstallation }

export interface FoundInstallation {
  /** `Deployment pgo/pgo` */
  readonly where: string
  /** `Helm release operators/pgo`, or by whom its Deployment is managed; null: nothing says it. */
  readonly owner: string | null
  readonly version: string | null
  /** What its Deployment lacks; null when nothing. */
  readonly lack: string | null
  /** Namespaces that it looks after; null: all. */
  readonly scope: readonly string[] | null
}
