import type { AgentId, Environment } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import { bcryptPasswords } from '../access/passwords.ts'
import type { AgentBridge } from '../agents/bridge.ts'
import type { Clock, Random } from '../ports.ts'
import type { State } from '../state/repositories.ts'
import { requesterOf } from './requester.ts'
import type { RoomKeys } from './roomKeys.ts'
import { createRunSecrets } from './run/createRunSecrets.ts'
import { storeSource } from './run/storeSource.ts'
import type { RunSecrets } from './runSecrets.ts'
import { secretAnnouncement } from './secretAnnouncement.ts'
import { keepSecretRetention } from './secretRetention.ts'
import { createSecretStore, type SecretStore } from './secretStore.ts'
import { stageAnnouncement } from './stageAnnouncement.ts'
import { createStageLock, type StageLock } from './stageLock.ts'

export interface SecretsOptions {
  readonly state: Pick<State, 'secrets' | 'stageLock' | 'users'>
  readonly keys: RoomKeys
  readonly clock: Clock
  readonly random: Random
  /** Opened after this; nothing is told over it before an agent runs. */
  readonly bridge: () => AgentBridge
  readonly announce: (announcement: Announcement) => Promise<unknown>
  /** From now on these are private, wherever they come up. */
  readonly know: (values: readonly string[]) => void
  /** What an agent's run holds is another now. */
  readonly onValues: (agentId: AgentId) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** The secrets among the rooms: where they lie, what locks them, and what the runs have of them. */
export interface OpenedSecrets {
  readonly secrets: SecretStore
  readonly stage: StageLock
  readonly runSecrets: RunSecrets
  /** Whether there is any of these names. */
  isStored(environment: Environment, names: readonly string[]): Promise<boolean>
  close(): Promise<void>
}

export async function openSecrets({ state, keys, clock, random, bridge, announce, know, onValues, onDefect }: SecretsOptions): Promise<OpenedSecrets> {
  const secrets = createSecretStore({
    secrets: state.secrets,
    keys,
    isLocked: () => stage.isLocked,
    clock,
    random,
    know: (value) => know([value]),
    onChange: (secret, operation, by) => {
      // Before anybody hears of it.
      if (operation === 'DELETE') runSecrets.withdraw(secret.id)
      if (operation === 'RESTORE') runSecrets.giveBack(secret.id)
      return announce(secretAnnouncement(secret, operation, by))
    },
    onDefect,
  })
  const runSecrets: RunSecrets = createRunSecrets({ source: storeSource(secrets, (secret) => runSecrets.rotate(secret)), bridge, announce, know, onValues, onDefect })
  await secrets.sealAudit()
  const stage = await createStageLock({
    locks: state.stageLock,
    passwords: bcryptPasswords,
    // Neither the owner nor an API token has an account of that name.
    passwordHashOf: async ({ id }) => (await state.users.get(id))?.passwordHash ?? null,
    clock,
    onChange: (...change) => announce(stageAnnouncement(...change)),
    onRefused: (caller, sentence) => secrets.note('*', 'DENY', requesterOf(caller, () => null), `stage.unlock: ${sentence}`),
  })
  const retention = keepSecretRetention(secrets, clock, onDefect)
  return {
    secrets,
    stage,
    runSecrets,
    async isStored(environment, names) {
      const found = await Promise.all(names.map((name) => secrets.named(environment, name)))
      return found.some((secret) => secret !== null)
    },
    async close() {
      retention.stop()
      await secrets.close()
    },
  }
}
