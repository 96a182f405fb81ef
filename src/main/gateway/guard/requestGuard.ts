import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId, Refusal } from '../../../shared/domain/llm.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { nextTurn } from '../../nextTurn.ts'
import type { Clock } from '../../ports.ts'
import { scanOften } from '../../safety/scan/knownClean.ts'
import { modelIsAllowed } from '../../safety/permissions/permissions.ts'
import type { SafetyDesk } from '../../safety/desk/safetyDesk.ts'
import { asObject } from '../dialects/json.ts'
import { readJson, type ReadJson } from '../largeJson.ts'
import type { OwnRefusal, RefusalDetails } from '../providerErrors.ts'
import { incomingTexts, type IncomingText } from './incomingTexts.ts'
import { createInjectionWatch } from './injectionWatch.ts'
import { keyOf, lookThroughBody } from './requestBody.ts'
import { Blocked, createRequestJudge, type RequestJudge } from './requestJudge.ts'
import { lookThroughHeaders, lookThroughPath } from './requestLine.ts'

/** What an agent wants to send. */
export interface GuardedRequest {
  readonly agentId: AgentId
  readonly callId: CallId
  /** Below the upstream's base URL, with its query. */
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly read: ReadJson | null
  /** For a part of a run that is looked at more strictly. */
  readonly safety?: SafetyDesk
}

/** What may be sent of it. Each part is the very same where nothing was taken out. */
export interface PassedRequest {
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly read: ReadJson | null
}

export interface GuardRefusal {
  readonly refusal: Refusal
  readonly answer: OwnRefusal
  readonly message: string
  readonly details?: RefusalDetails
}

export interface RequestGuard {
  /** At once where there is little to look through. It never throws and never rejects: what could not be checked is refused. */
  check(request: GuardedRequest): PassedRequest | GuardRefusal | Promise<PassedRequest | GuardRefusal>
  /** The model of a refused request, as it may be told: empty where it is private itself. */
  modelOf(request: GuardedRequest): string
  /** For an address that the gateway has no door for; gives it as it may be told. */
  unknownPath(agentId: AgentId, callId: CallId, method: string, path: string): string
}

export interface RequestGuardOptions {
  readonly safety: SafetyDesk
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** What takes longer is refused: whoever waits for it has something else in mind. */
const LONGEST_CHECK_MS: Millis = 10_000
const LONGEST_SHOWN = 100
const UNCHECKED = 'The request could not be checked for private data: nothing was forwarded.'
const NO_DOCUMENTS: ReadonlyMap<string, IncomingText> = new Map()

export function createRequestGuard({ safety, clock, onDefect }: RequestGuardOptions): RequestGuard {
  const injections = createInjectionWatch(safety)

  function* look(request: GuardedRequest): Generator<void, Looked | GuardRefusal> {
    const { agentId, callId, body, read } = request
    const model = asObject(read?.json)?.model
    if (typeof model === 'string' && !modelIsAllowed(safety.permissionsOf(agentId), model)) {
      const incident = { agentId, callId, kind: 'unauthorised', type: 'model', direction: 'to-model', place: 'model', excerpt: model } as const
      const sentence = safety.report(incident)
      if (sentence !== null) return { refusal: 'unauthorised', answer: 'not-allowed', message: sentence }
    }
    const judge = createRequestJudge(request.safety ?? safety, agentId, callId)
    const path = yield* lookThroughPath(request.path, judge)
    const headers = yield* lookThroughHeaders(request.headers, judge)
    if (body.length === 0) return { path, headers, body }

    const incoming = yield* incomingTexts(read?.json, body.includes('base64'))
    const redacted = yield* lookThroughBody({ bytes: body, text: read?.text ?? null, json: read?.json, encoded: encodedOf(incoming) }, judge)
    if (redacted === null) return { refusal: 'invalid', answer: 'invalid', message: 'The request is no text: JSON is written in UTF-8.' }
    const sentence = yield* injections.look(agentId, callId, incoming)
    if (sentence !== null) return { refusal: 'injection', answer: 'injection', message: sentence }
    return { path, headers, body: redacted }
  }

  function refusalOf(problem: unknown): GuardRefusal {
    if (problem instanceof Blocked) return { refusal: 'private-data', answer: 'private-data', message: problem.message, details: { types: problem.types } }
    onDefect(problem, 'checking a request')
    return { refusal: 'private-data', answer: 'unchecked', message: UNCHECKED }
  }

  async function goOn(request: GuardedRequest, looking: Generator<void, Looked | GuardRefusal>): Promise<PassedRequest | GuardRefusal> {
    const began = clock.now()
    for (;;) {
      await nextTurn()
      if (clock.now() - began > LONGEST_CHECK_MS) throw new Error(`Checking a request of ${request.body.length} bytes took too long.`)
      const { done, value } = looking.next()
      if (done) return await passed(request, value)
    }
  }

  return {
    check(request) {
      try {
        const looking = look(request)
        const { done, value } = looking.next()
        const result = done ? passed(request, value) : goOn(request, looking)
        return result instanceof Promise ? result.catch(refusalOf) : result
      } catch (problem) {
        return refusalOf(problem)
      }
    },
    modelOf({ agentId, read, safety: own = safety }) {
      const model = asObject(read?.json)?.model
      try {
        return typeof model === 'string' && scanOften(own.scannerFor(agentId), model).length === 0 ? model.slice(0, LONGEST_SHOWN) : ''
      } catch {
        // What fails here has failed before, and was told.
        return ''
      }
    },
    unknownPath(agentId, callId, method, path) {
      const bare = path.split('?')[0] ?? ''
      const shown = bare.length > LONGEST_SHOWN ? `${bare.slice(0, LONGEST_SHOWN)}…` : bare
      try {
        const asked = `${method} ${shown}`
        safety.report({ agentId, callId, kind: 'unauthorised', type: 'path', direction: 'to-model', place: 'path', excerpt: asked })
        const judge = createRequestJudge(safety, agentId, callId)
        return withoutPrivate(shown, judge)
      } catch (problem) {
        if (!(problem instanceof Blocked)) onDefect(problem, 'reporting an address')
        return 'that address'
      }
    },
  }
}

interface Looked {
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Buffer
}

function passed(request: GuardedRequest, looked: Looked | GuardRefusal): PassedRequest | GuardRefusal | Promise<PassedRequest | GuardRefusal> {
  if ('refusal' in looked) return looked
  const { read } = request
  if (looked.body === request.body || read === null) return { ...looked, read }
  const reading = readJson(looked.body)
  return reading instanceof Promise ? reading.then((again) => ({ ...looked, read: again })) : { ...looked, read: reading }
}

function encodedOf(incoming: readonly IncomingText[]): ReadonlyMap<string, IncomingText> {
  const encoded = incoming.filter(({ isEncoded }) => isEncoded)
  return encoded.length === 0 ? NO_DOCUMENTS : new Map(encoded.map((text) => [keyOf(text.segments), text]))
}

/** It is not forwarded, and so nothing is decided: it is only not told. */
function withoutPrivate(path: string, { scanner }: RequestJudge): string {
  let isPrivate = scanner.scan(path).length > 0
  try {
    isPrivate ||= scanner.scan(decodeURIComponent(path)).length > 0
  } catch {
    // No escapes: it was looked through as it stands.
  }
  return isPrivate ? 'that address' : path
}
