import { z } from 'zod'

/** Whose dialect a door of the gateway speaks; behind it may stand any server that speaks it too. */
export const Provider = z.enum(['openai', 'anthropic'])
export type Provider = z.infer<typeof Provider>

/** Who answers: the providers themselves, or what is built in and needs neither key nor network. */
export const ProviderMode = z.enum(['simulated', 'live'])
export type ProviderMode = z.infer<typeof ProviderMode>
