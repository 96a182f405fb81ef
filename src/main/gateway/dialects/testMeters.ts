import type { Endpoint } from '../../../shared/domain/llm.ts'
import type { Dialect, Meter } from './dialect.ts'

export function meterOf(dialect: Dialect, endpoint: Endpoint, request: object = {}): Meter {
  const json = { model: 'gpt-4o', max_tokens: 100, messages: [], input: 'x', stream: true, ...request }
  const demand = dialect.readDemand(endpoint, json, 100)
  if (!demand || 'invalid' in demand) throw new Error('The test’s request is none.')
  return dialect.createMeter(endpoint, demand)
}

/** Which of the events only we have asked for. */
export const streamed = (meter: Meter, ...events: unknown[]): boolean[] =>
  events.map((event) => meter.event(typeof event === 'string' ? event : JSON.stringify(event)).isOursAlone)
