import type { Environment } from '../../shared/domain/agent.ts'
import type { SecretAuditEntry, SecretDelivery, SecretId } from '../../shared/domain/secret.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { ChainEnd } from '../audit/chain.ts'
import type { ChainVerdict } from '../audit/verifyChain.ts'

/** One master key, and what was sealed under it that all the rest hangs on. */
export interface KeyGeneration {
  readonly generation: number
  readonly createdAt: Millis
  readonly salt: Buffer
  /** Tells whether it is this master key, without anything being opened. */
  readonly check: Buffer
  readonly roomKey: Buffer
  /** While another takes over: the master key of the next generation, and that of the one before. */
  readonly nextMaster: Buffer | null
  readonly previousMaster: Buffer | null
}

export interface KeyGenerations {
  /** Oldest first. */
  all(): Promise<KeyGeneration[]>
  /** Durable when it resolves. Where another process was quicker, its own stays: read again what there is. */
  addFirst(generation: KeyGeneration): Promise<void>
  /** Whether something was sealed before there were generations. */
  hasOlderSeals(): Promise<boolean>
}

export interface StoredSecret {
  readonly id: SecretId
  readonly name: string
  readonly environment: Environment
  readonly version: number
  readonly delivery: SecretDelivery
  readonly hosts: readonly string[]
  readonly masked: string
  readonly createdAt: Millis
  readonly updatedAt: Millis
  readonly deletedAt: Millis | null
}

/** A value as it is kept. */
export interface SealedValue {
  readonly keyGeneration: number
  readonly salt: Buffer
  readonly nonce: Buffer
  /** With its tag. */
  readonly sealed: Buffer
}

export interface SecretVersion extends SealedValue {
  readonly secretId: SecretId
  readonly version: number
  readonly masked: string
  readonly createdAt: Millis
  readonly actor: string
}

export type NewAuditEntry = Omit<SecretAuditEntry, 'id' | 'timestamp'> & { readonly at: Millis }

/** A change of what is kept; each is refused with CONFLICT where somebody else was quicker. */
export type SecretChange =
  | { readonly kind: 'create'; readonly secret: StoredSecret; readonly version: SecretVersion }
  /** The next version; of those before it only the last few stay. */
  | { readonly kind: 'advance'; readonly version: SecretVersion; readonly at: Millis; readonly kept: number }
  | { readonly kind: 'delete'; readonly secretId: SecretId; readonly at: Millis }
  | { readonly kind: 'restore'; readonly secretId: SecretId }
  | { readonly kind: 'purge'; readonly secretId: SecretId }
  | { readonly kind: 'reseal'; readonly from: SecretVersion; readonly to: SealedValue }
  | { readonly kind: 'begin-generation'; readonly from: number; readonly nextMaster: Buffer; readonly next: KeyGeneration }
  | { readonly kind: 'retire-generations'; readonly keep: number }

export interface AuditRange {
  readonly secretName?: string | undefined
  readonly from?: Millis | undefined
  /** No longer within it. */
  readonly until?: Millis | undefined
}

export interface SecretRepository {
  /** By environment and name; those that are deleted, or those that are not. */
  list(query: { readonly environment?: Environment | undefined; readonly deleted: boolean }): Promise<StoredSecret[]>
  get(id: SecretId): Promise<StoredSecret | null>
  named(environment: Environment, name: string): Promise<StoredSecret | null>
  /** Newest first. */
  versions(id: SecretId): Promise<SecretVersion[]>
  version(id: SecretId, version: number): Promise<SecretVersion | null>
  /** Versions that are sealed under another generation than this, a lot at a time. */
  sealedOtherwise(generation: number, after: { readonly id: SecretId; readonly version: number } | null, limit: number): Promise<SecretVersion[]>
  deletedBefore(moment: Millis): Promise<StoredSecret[]>
  /** The changes and their entries in the audit: all or none. Durable when it resolves. */
  write(changes: readonly SecretChange[], entries: readonly NewAuditEntry[]): Promise<void>
  /** Newest first. */
  audit(query: { readonly secretName?: string | undefined; readonly before?: number | undefined; readonly limit: number }): Promise<{ entries: SecretAuditEntry[]; next: number | null }>
  /** Each of them, oldest first, with its place and hash in the chain. */
  eachAudited(range: AuditRange, visit: (entry: SecretAuditEntry, link: ChainEnd) => void): Promise<void>
  verifyAudit(): Promise<ChainVerdict>
  /** Records from while the master key was not there: they come under the seal with the next one. */
  unsealed(): Promise<{ from: number; to: number } | null>
}
