import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId, Endpoint } from '../../../shared/domain/llm.ts'
import type { Provider } from '../../../shared/domain/provider.ts'
import type { Clock } from '../../ports.ts'
import type { SafetyDesk } from '../../safety/desk/safetyDesk.ts'
import { answerHeaders, headerOf, type HeaderList } from '../headers.ts'
import { ownAnswer, type OwnRefusal, type RefusalDetails } from '../providerErrors.ts'
import { createAnswerLook, type Stop } from './answerLook.ts'
import { applyEdits } from './streamEvent.ts'
import { createStreamGuard, type StreamGuard, type StreamGuardOptions } from './streamGuard.ts'
import { createToolGate } from './toolCalls.ts'
import { checkWhole, type Checked } from './wholeGuard.ts'

/** Stands between one answer and the agent that waits for it. */
export interface AnswerGuard {
  whole(headers: HeaderList, bytes: Buffer): Checked | Promise<Checked>
  stream(options: Pick<StreamGuardOptions, 'after' | 'send' | 'onPause'>): StreamGuard
  /** An answer's headers for a body that is all there, and not compressed. */
  headers(list: HeaderList, body: Buffer, isChanged: boolean): string[]
  cleanHeaders(list: HeaderList): HeaderList
  /** What ends a stream that has begun, in the words of its provider. */
  lastEvent(stop: Stop): Buffer
  readonly stop: Stop | null
}

export interface GuardedAnswer {
  readonly desk: SafetyDesk
  readonly clock: Clock
  readonly agentId: AgentId
  readonly callId: CallId
  readonly provider: Provider
  readonly endpoint: Endpoint
  readonly workingDirectory: string
}

export const STOP_ANSWERS: Readonly<Record<Stop['kind'], OwnRefusal>> = {
  'private-data': 'private-data',
  unauthorised: 'not-allowed',
  unchecked: 'unchecked',
}

export function detailsOf({ types }: Stop): RefusalDetails {
  return types === undefined ? {} : { types }
}

/** Ids and times of the provider's own, and what only means something to whoever set it. */
const NOT_LOOKED_THROUGH = /(?:^|-)(?:id|ray)$|^(?:date|age|expires|last-modified|etag|set-cookie|content-length)$/

export function createAnswerGuard({ desk, clock, agentId, callId, provider, endpoint, workingDirectory }: GuardedAnswer): AnswerGuard {
  const look = createAnswerLook(desk, agentId, callId)
  const gate = createToolGate(look, workingDirectory)

  function cleanHeaders(list: HeaderList): HeaderList {
    const looked = list.filter((_, index) => index % 2 === 1 && !NOT_LOOKED_THROUGH.test(list[index - 1]!.toLowerCase()))
    if (look.scanner().scan(looked.join('\n')).length === 0) return list
    return list.map((text, index) => {
      const name = list[index - 1]?.toLowerCase() ?? ''
      if (index % 2 === 0 || NOT_LOOKED_THROUGH.test(name)) return text
      const edits = look.whole('from-model', ['headers', name], text)
      return applyEdits(text, edits)
    })
  }

  return {
    whole: (headers, bytes) => checkWhole(look, gate, clock, { bytes, contentType: headerOf(headers, 'content-type') }),
    stream: (options) => createStreamGuard({ ...options, look, gate }),
    headers(list, body, isChanged) {
      const kept = answerHeaders(cleanHeaders(list), isChanged || headerOf(list, 'content-encoding') !== null)
      const isLong = body.length > 0 && headerOf(kept, 'content-length') === null
      return isLong ? [...kept, 'content-length', String(body.length)] : kept
    },
    cleanHeaders,
    lastEvent(stop) {
      const body = ownAnswer(provider, STOP_ANSWERS[stop.kind], stop.message, { details: detailsOf(stop) }).body.toString()
      if (provider === 'anthropic') return Buffer.from(`event: error\ndata: ${body}\n\n`)
      if (endpoint !== 'responses') return Buffer.from(`data: ${body}\n\n`)
      const { error } = JSON.parse(body) as { error: { message: string; code: string } }
      const data = { type: 'error', code: error.code, message: error.message, param: null, error }
      return Buffer.from(`event: error\ndata: ${JSON.stringify(data)}\n\n`)
    },
    get stop() {
      return look.stop
    },
  }
}
