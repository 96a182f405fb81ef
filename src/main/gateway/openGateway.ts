import { makeReceipt } from '../budget/receipt.ts'
import type { BudgetDesk } from '../budget/admission.ts'
import type { PriceTable } from '../budget/prices.ts'
import { worstCaseOf } from '../budget/worstCase.ts'
import type { Clock, Random } from '../ports.ts'
import type { UpstreamBreakers } from '../reliability/upstreamBreakers.ts'
import type { SafetyDesk } from '../safety/desk/safetyDesk.ts'
import type { Log } from '../telemetry/log.ts'
import type { TokenCounter } from '../tokens/tokenCounter.ts'
import type { CallTraces } from '../tracing/callTraces.ts'
import type { RunKeys } from './currentKeys.ts'
import { anthropicDialect } from './dialects/anthropic.ts'
import { openAiDialect } from './dialects/openai.ts'
import { createGateway, type Gateway } from './gateway.ts'
import { createLiveUpstream } from './liveUpstream.ts'
import type { FindRun } from './run.ts'
import type { Upstream } from './upstream.ts'

export interface OpenGatewayOptions {
  readonly findRun: FindRun
  readonly desk: BudgetDesk
  readonly safety: SafetyDesk
  readonly keys?: RunKeys
  readonly breakers?: UpstreamBreakers
  readonly traces?: CallTraces
  readonly prices: PriceTable
  readonly tokens: TokenCounter
  /** Closed by who made it. */
  readonly simulated: Upstream
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** A provider may think for minutes before its first word; its own SDKs wait ten. */
const LIVE_LIMITS = { connectMs: 10_000, idleMs: 600_000 }

/** The gateway with both dialects and the way to the providers. */
export async function openGateway({ simulated, environment, ...options }: OpenGatewayOptions): Promise<Gateway> {
  const live = createLiveUpstream({ limits: LIVE_LIMITS, environment })
  const dialects = { openai: openAiDialect, anthropic: anthropicDialect }
  const { url, close } = await createGateway({ ...options, makeReceipt, worstCaseOf, dialects, upstreams: { live, simulated } })
  return {
    url,
    async close() {
      await close()
      await live.close()
    },
  }
}
