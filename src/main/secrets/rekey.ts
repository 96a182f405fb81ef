import type { SecretId } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'
import type { KeyGeneration, KeyGenerations, NewAuditEntry, SecretRepository, SecretVersion } from '../state/keptSecrets.ts'
import type { MasterKey } from './openKeys.ts'
import type { Requester } from './requester.ts'
import { followingGeneration, openRoomKeys, requireOpen, type RoomKeys } from './roomKeys.ts'
import { createSecretCipher, type SecretCipher } from './secretCipher.ts'

export interface RekeyOptions {
  readonly secrets: SecretRepository
  readonly generations: KeyGenerations
  /** The one that opens the room now: the old one, or, after a change that was cut off, the new one. */
  readonly master: MasterKey
  /** Gives the new one. Where a change was begun it is that change's, and nothing else will do. */
  readonly newMaster: (begun: Buffer | null) => Promise<Buffer>
  /** Puts the new one where the next start finds it, for good by the time it resolves. */
  readonly install: (master: Buffer) => Promise<void>
  readonly by: Requester
  readonly clock: Clock
  /** Told of each step when it is on disk. */
  readonly onStep?: (step: RekeyStep) => void
}

export type RekeyStep = 'begun' | 'resealed' | 'installed' | 'retired'

export interface Rekeyed {
  readonly resealed: number
  /** What did not open before either, and so could not be sealed anew. */
  readonly damaged: readonly string[]
}

const AT_ONCE = 4

/**
 * Changes the master key. The new generation is written first, then every value is sealed anew, then the new key is put in its place, and
 * the old one is retired last: killed at any point, either key opens everything until then, and the next run goes on.
 */
export async function rekey(options: RekeyOptions): Promise<Rekeyed> {
  const { secrets, generations, master, newMaster, install, by, clock, onStep } = options
  let keys = await openRoomKeys({ master, problem: null, state: 'open' }, generations, clock)
  requireOpen(keys)
  const begun = keys.isChanging ? keys.masterOf(keys.generation) : null
  const next = await newMaster(begun)
  if (begun !== null && !begun.equals(next)) {
    throw new AppError('CONFLICT', 'A change to another master key was begun and not finished; finish that one first: leave the new key out, or give the same one.')
  }
  if (begun === null) {
    if (next.equals(master.bytes)) throw new AppError('INVALID_INPUT', 'The new master key is the one that is there already; give another one.')
    await begin(await presentOf(generations), next)
    keys = await openRoomKeys({ master, problem: null, state: 'open' }, generations, clock)
    requireOpen(keys)
    onStep?.('begun')
  }
  const done = await resealAll(keys)
  await install(next)
  onStep?.('installed')
  await secrets.write([{ kind: 'retire-generations', keep: keys.generation }], [entry('*', null)])
  onStep?.('retired')
  return done

  function entry(secretName: string, error: string | null): NewAuditEntry {
    return {
      secret_name: secretName,
      operation: 'REKEY',
      requester_role: by.role,
      requester: by.id,
      agent_id: by.agentId,
      success: error === null,
      error_message: error,
      at: clock.now(),
    }
  }

  async function begin(present: KeyGeneration, to: Buffer): Promise<void> {
    const following = followingGeneration(present, master.bytes, to, clock.now())
    await secrets.write([{ kind: 'begin-generation', from: present.generation, ...following }], [entry('*', null)])
  }

  async function resealAll(open: RoomKeys): Promise<Rekeyed> {
    const cipher = createSecretCipher(open, clock)
    const damaged: string[] = []
    let resealed = 0
    try {
      for (let after: { id: SecretId; version: number } | null = null; ; ) {
        const lot: SecretVersion[] = await secrets.sealedOtherwise(open.generation, after, AT_ONCE)
        const last = lot.at(-1)
        if (!last) return { resealed, damaged }
        after = { id: last.secretId, version: last.version }
        for (const problem of await Promise.all(lot.map((version) => reseal(cipher, version)))) {
          if (problem !== null) damaged.push(problem)
          else {
            resealed += 1
            onStep?.('resealed')
          }
        }
      }
    } finally {
      cipher.close()
    }
  }

  /** A sentence where it does not open; it stays as it is. */
  async function reseal(cipher: SecretCipher, from: SecretVersion): Promise<string | null> {
    const secret = await secrets.get(from.secretId)
    if (!secret) throw new AppError('UNAVAILABLE', `The database has a version of ${from.secretId}, and no such secret.`)
    const place = { ...secret, version: from.version }
    let value: Buffer
    try {
      value = await cipher.open(place, from)
    } catch (problem) {
      if (!(problem instanceof AppError)) throw problem
      await secrets.write([], [entry(secret.name, problem.message)])
      return problem.message
    }
    try {
      await secrets.write([{ kind: 'reseal', from, to: await cipher.seal(place, value) }], [])
      return null
    } finally {
      value.fill(0)
    }
  }
}

async function presentOf(generations: KeyGenerations): Promise<KeyGeneration> {
  const present = (await generations.all()).at(-1)
  if (!present) throw new AppError('UNAVAILABLE', 'This room has no key yet; there is nothing to change.')
  return present
}
