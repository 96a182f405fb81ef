import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'
import type { Log } from '../../telemetry/log.ts'
import { warnOfAudit } from '../auditWarnings.ts'
import type { KeyGenerations } from '../keptSecrets.ts'
import type { InstanceId, State } from '../repositories.ts'
import { createPostgresApiTokens, createPostgresRevokedSessions, createPostgresStageLock, createPostgresUsers } from './accounts.ts'
import { createPostgresAgents, createPostgresAlerts, createPostgresCheckpoints, createPostgresLaunchPlans } from './agents.ts'
import { createPostgresCalls } from './calls.ts'
import { openPostgres, type PostgresDatabase } from './database.ts'
import { createPostgresEventLog } from './eventLog.ts'
import { createPostgresEvents } from './eventStore.ts'
import { createInstances, joinInstances } from './instances.ts'
import { createPostgresLedger } from './ledger.ts'
import { migratePostgres } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { createPostgresProjections } from './projections.ts'
import { createPostgresOriginals, createPostgresSafetySettings } from './safety.ts'
import { createPostgresSafetyAudit, createSafetyAuditWriter } from './safetyAudit.ts'
import { createPostgresKeyGenerations, createPostgresSecrets } from './secrets.ts'

export interface PostgresStateOptions {
  readonly url: string
  /** Which control room this is; each that shares the database has a name of its own. Left out by who only looks after what is there. */
  readonly instance?: InstanceId
  readonly isShared?: boolean
  /** How long an instance is taken for living after its last word. */
  readonly leaseMs?: Millis
  /** What belongs to this machine and stays on it: its processes, the paths of its scripts, what it saw and kept of services. Closed with the rest. */
  readonly machine: MachineState
  readonly clock: Clock
  readonly log?: Log
  /** Seals the ends of the audits; asked for once the database is open. */
  readonly auditKey?: Buffer | null | ((generations: KeyGenerations) => Promise<Buffer | null>)
}

/** Longer than a room goes on without its database. */
const LEASE_MS = 60_000

export type MachineState = Pick<State, 'agents' | 'recentScripts' | 'services' | 'serviceAnswers' | 'close'>

/** Everything durable that is not this machine's own, in PostgreSQL. Throws an AppError with one sentence on what is wrong and what to do. */
export async function openPostgresState(options: PostgresStateOptions): Promise<State> {
  const { url, isShared = false, clock, log, auditKey = null } = options
  const database = await openPostgres({ url, isShared, ...(options.instance !== undefined && { instance: options.instance }), clock, onChange: (...change) => tellOfOutage(log, ...change) })
  try {
    const from = await migratePostgres(database, migrations, clock.now())
    if (from !== null && from > 0) log?.write({ level: 'INFO', event: 'state.migrated', msg: `The database ${database.where} was brought up to date from version ${from}.` })
    const keyGenerations = createPostgresKeyGenerations(database)
    return await assemble(database, options, keyGenerations, typeof auditKey === 'function' ? await auditKey(keyGenerations) : auditKey)
  } catch (problem) {
    await database.close()
    throw problem
  }
}

async function assemble(database: PostgresDatabase, { machine, log, instance: name, leaseMs = LEASE_MS }: PostgresStateOptions, keyGenerations: KeyGenerations, givenKey: Buffer | null): Promise<State> {
  let auditKey = givenKey
  const instance = name ?? null
  const safety = createSafetyAuditWriter()
  const secrets = createPostgresSecrets(database, () => auditKey)
  const sealAudits = async (key: Buffer | null): Promise<void> => {
    auditKey = key
    await database.write(async (sql) => {
      await safety.sealWith(sql, key)
      await secrets.chain.sealWith(sql, key)
    })
    warnOfAudit('safety', safety.found, log)
    warnOfAudit('secrets', secrets.chain.found, log)
  }
  await sealAudits(givenKey)
  if (name !== undefined) await joinInstances(database, name, leaseMs)
  return {
    instances: database.isShared && instance !== null ? await createInstances(database, instance, leaseMs) : null,
    events: createPostgresEvents(database, createPostgresProjections(safety, instance)),
    eventLog: createPostgresEventLog(database),
    agents: { ...machine.agents, ...createPostgresAgents(database, instance) },
    launchPlans: createPostgresLaunchPlans(database),
    checkpoints: createPostgresCheckpoints(database),
    recentScripts: machine.recentScripts,
    ledger: createPostgresLedger(database, instance),
    calls: createPostgresCalls(database),
    alerts: createPostgresAlerts(database, instance),
    safetyAudit: createPostgresSafetyAudit(database, safety, () => auditKey),
    originals: await createPostgresOriginals(database),
    safetySettings: createPostgresSafetySettings(database),
    keyGenerations,
    secrets: secrets.repository,
    services: machine.services,
    serviceAnswers: machine.serviceAnswers,
    stageLock: createPostgresStageLock(database),
    users: createPostgresUsers(database),
    apiTokens: createPostgresApiTokens(database),
    revokedSessions: createPostgresRevokedSessions(database),
    sealAudits,
    async close() {
      await database.close()
      await machine.close()
    },
  }
}

function tellOfOutage(log: Log | undefined, isThere: boolean, where: string): void {
  if (isThere) log?.write({ level: 'INFO', event: 'state.reached', msg: `The database ${where} is reached again.` })
  else log?.write({ level: 'ERROR', event: 'state.lost', msg: `The database ${where} is lost; whoever needs it waits for a while, then is refused.` })
}
