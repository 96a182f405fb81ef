import type { Caller } from '../../shared/domain/roles.ts'

/** Whoever has the owner token, or opened a link made with it. No account has this name. */
export const OWNER: Caller = { role: 'admin', id: 'owner' }
