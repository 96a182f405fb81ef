import { z } from 'zod'
import { Provider } from '../../shared/domain/provider.ts'
import { SimulatedFailure } from '../../shared/domain/simulatedFailure.ts'
import { duration, type Kind } from './kinds.ts'

const FAILURE = /^(?:([a-z]+):)?([a-z-]+)@(\d{1,9})(?:x(\d{1,9}))?(?:\/(.+))?$/

const Failure = z.union([z.string(), z.looseObject({})]).transform((given, context): SimulatedFailure => {
  const failure = SimulatedFailure.safeParse(typeof given === 'string' ? written(given) : given)
  if (failure.success) {
    const { provider, kind, at = 1, times, retryAfterMs } = failure.data
    const whose = provider === undefined ? {} : { provider }
    // The next call of a run that has not begun is its first.
    if (retryAfterMs === undefined) return { ...whose, kind, at, times }
    if (kind === 'rate-limit') return { ...whose, kind, at, times, retryAfterMs }
  }
  context.addIssue('no such failure')
  return z.NEVER
})

function written(text: string): unknown {
  const [, provider, kind, at, times, wait] = FAILURE.exec(text) ?? []
  const retryAfter = wait === undefined ? undefined : duration.schema.safeParse(wait)
  if (retryAfter?.success === false) return null
  return { provider, kind, at: Number(at), times: times === undefined ? undefined : Number(times), retryAfterMs: retryAfter?.data }
}

/** How the simulated provider is to fail, as one can type it: `rate-limit@34x5/2s`. */
export const simulatedFailures: Kind<SimulatedFailure[]> = {
  schema: z.array(Failure),
  allowed:
    `[PROVIDER:]KIND@N[xTIMES][/RETRY_AFTER], such as rate-limit@34x5/2s: PROVIDER is ${Provider.options.join(' or ')}, KIND is ${SimulatedFailure.shape.kind.options.join(', ')}, ` +
    'N the attempt from 1 on, TIMES at most 10000, and RETRY_AFTER a time that only a rate-limit has',
  flagTakes: 'many',
  placeholder: 'KIND@N',
  form: { kind: 'list' },
  fromText: (text) => text.split(',').map((item) => item.trim()),
  show: (value) => value.map(showFailure),
}

function showFailure({ provider, kind, at = 1, times, retryAfterMs }: SimulatedFailure): string {
  const often = times === 1 ? '' : `x${times}`
  const wait = retryAfterMs === undefined ? '' : `/${String(duration.show(retryAfterMs))}`
  const whose = provider === undefined ? '' : `${provider}:`
  return `${whose}${kind}@${at}${often}${wait}`
}
