import type { Clock } from '../ports.ts'
import type { Log } from '../telemetry/log.ts'
import { createAgentRepository } from './agentRepository.ts'
import { createAlertRepository } from './alertRepository.ts'
import { createApiTokenRepository } from './apiTokenRepository.ts'
import { createAuditRepository } from './auditRepository.ts'
import { warnOfAudit } from './auditWarnings.ts'
import { createAuditWriter } from './auditWriter.ts'
import { createCallRepository } from './callRepository.ts'
import { createCheckpointRepository } from './checkpointRepository.ts'
import { databaseError, explainDatabaseError } from './databaseErrors.ts'
import { createEventLog } from './eventLog.ts'
import { createEventStore, type SqliteEventStore } from './eventStore.ts'
import type { KeyGenerations } from './keptSecrets.ts'
import { createKeyGenerations } from './keyGenerations.ts'
import { createLaunchPlanRepository } from './launchPlanRepository.ts'
import { createLedger } from './ledger.ts'
import { migrations as knownMigrations } from './migrations/all.ts'
import type { Migration } from './migrations/migration.ts'
import { openDatabase, type OpenDatabase } from './openDatabase.ts'
import { createOriginals } from './originals.ts'
import { createRecentScripts } from './recentScripts.ts'
import type { Ledger, Originals, State } from './repositories.ts'
import { createRevokedSessions } from './revokedSessions.ts'
import { createSafetySettings } from './safetySettings.ts'
import { createSecretRepository } from './secretRepository.ts'
import { createServiceAnswers, createServiceRepository } from './serviceRepository.ts'
import { createStageLockRepository } from './stageLockRepository.ts'
import { createUserRepository } from './userRepository.ts'

export interface StateOptions {
  /** Absolute; made, for its owner alone, when it is not there. */
  readonly dataFolder: string
  readonly clock: Clock
  readonly log?: Log
  readonly migrations?: readonly Migration[]
  /** How long another process may hold the database before we say so. */
  readonly busyTimeoutMs?: number
  /** Seals the ends of the audits; null where there is no master key. Where it lies in the database, sealed, it is asked for once that is open. */
  readonly auditKey?: Buffer | null | ((generations: KeyGenerations) => Promise<Buffer | null>)
}

/** Opens everything durable. Throws an AppError with one sentence on what is wrong with the database and what to do. */
export async function openState(options: StateOptions): Promise<State> {
  const { dataFolder, clock, log, migrations = knownMigrations, busyTimeoutMs = 2_000, auditKey = null } = options
  const database = openDatabase({ dataFolder, migrations, now: clock.now(), busyTimeoutMs })
  if (database.backup !== null) {
    log?.write({ level: 'INFO', event: 'state.migrated', msg: `The database was brought up to date; a copy from before lies in ${database.backup}.` })
  }
  try {
    const generations = explaining(createKeyGenerations(database), database.file)
    return assemble(database, generations, typeof auditKey === 'function' ? await auditKey(generations) : auditKey, log)
  } catch (problem) {
    closeBoth(database)
    throw explainAssembly(problem, database.file)
  }
}

/** A table or column that this version counts on and that is not there: somebody else had their hands in it. */
function explainAssembly(problem: unknown, file: string): unknown {
  const isMissingSomething = problem instanceof Error && (problem as { code?: unknown }).code === 'SQLITE_ERROR'
  return isMissingSomething ? databaseError('corrupt', file, problem.message) : explainDatabaseError(problem, file)
}

function assemble(database: OpenDatabase, keyGenerations: KeyGenerations, givenKey: Buffer | null, log: Log | undefined): State {
  let auditKey = givenKey
  const ledger = createLedger(database)
  const audit = createAuditWriter(database.fast, auditKey)
  const secrets = createSecretRepository(database, () => auditKey)
  const warnOfAudits = (): void => {
    warnOfAudit('safety', audit.found, log)
    warnOfAudit('secrets', secrets.chain.found, log)
  }
  warnOfAudits()
  const events = createEventStore(database, ledger, audit)
  if (!events.wasClosed) {
    log?.write({ level: 'WARN', event: 'state.recovered', msg: 'The control room did not stop properly the last time; its database was recovered.' })
  }
  let isClosed = false
  return {
    instances: null,
    events,
    eventLog: explaining(createEventLog(database), database.file),
    agents: explaining(createAgentRepository(database), database.file),
    launchPlans: explaining(createLaunchPlanRepository(database), database.file),
    checkpoints: explaining(createCheckpointRepository(database), database.file),
    recentScripts: explaining(createRecentScripts(database), database.file),
    ledger: explaining<Ledger>(ledger, database.file),
    calls: explaining(createCallRepository(database), database.file),
    alerts: explaining(createAlertRepository(database), database.file),
    safetyAudit: explaining(createAuditRepository(database, audit, () => auditKey), database.file),
    originals: explaining<Originals>(createOriginals(database), database.file),
    safetySettings: explaining(createSafetySettings(database), database.file),
    keyGenerations,
    secrets: explaining(secrets.repository, database.file),
    stageLock: explaining(createStageLockRepository(database), database.file),
    services: explaining(createServiceRepository(database), database.file),
    serviceAnswers: explaining(createServiceAnswers(database), database.file),
    users: explaining(createUserRepository(database), database.file),
    apiTokens: explaining(createApiTokenRepository(database), database.file),
    revokedSessions: explaining(createRevokedSessions(database), database.file),
    sealAudits(key) {
      auditKey = key
      audit.sealWith(key)
      secrets.chain.sealWith(key)
      warnOfAudits()
    },
    async close() {
      if (isClosed) return
      isClosed = true
      closeState(database, events)
    },
  }
}

function closeState(database: OpenDatabase, events: SqliteEventStore): void {
  try {
    events.closeCleanly()
  } finally {
    closeBoth(database)
  }
}

function closeBoth({ fast, durable }: OpenDatabase): void {
  fast.close()
  durable.close()
}

type Method = (...args: never[]) => unknown

/** The same repository, with what SQLite says turned into sentences. */
function explaining<R extends object>(repository: R, file: string): R {
  const refuse = (problem: unknown): never => {
    throw explainDatabaseError(problem, file)
  }
  const wrapped = Object.entries(repository as Record<string, Method>).map(([name, method]) => [
    name,
    (...args: never[]) => {
      try {
        const answer = method(...args)
        return answer instanceof Promise ? answer.catch(refuse) : answer
      } catch (problem) {
        return refuse(problem)
      }
    },
  ])
  return Object.fromEntries(wrapped) as R
}
