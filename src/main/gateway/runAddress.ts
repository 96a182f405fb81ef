import type { Provider } from '../../shared/domain/provider.ts'

/** Base URLs of one run, as its SDKs are given them: the address says whose call it is, and nothing in a call can say otherwise. */
export function runAddresses(gatewayUrl: string, runToken: string): Record<Provider, string> {
  const run = `${gatewayUrl}/run/${runToken}`
  // The OpenAI SDKs bring their `/v1` in the base URL, Anthropic's append it.
  return { openai: `${run}/openai/v1`, anthropic: `${run}/anthropic` }
}
