import { z } from 'zod'

/** Whose dialect a door of the gateway speaks; behind it may stand any server that speaks it too. */
export const Provider = z.enum(['openai', 'anthropic'])
export type Provider = z.infer<typeof Provider>

/** Who answers: the providers themselves, or what is built in and needs neither key nor network. */
export const ProviderMode = z.enum(['simulated', 'live'])
export type ProviderMode = z.infer<typeof ProviderMode>

/** What somebody asks for: one of them, or whichever a key or an upstream is known for. */
export const ProviderChoice = z.enum(['auto', ...ProviderMode.options])
export type ProviderChoice = z.infer<typeof ProviderChoice>
