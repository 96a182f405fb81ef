import { z } from 'zod'

/** What the page asks of its own window and of the desktop around it, and what these tell it. Of the room they know nothing. */

const Tag = z.string().min(1).max(100)
/** A system has room for two. */
const Action = z.strictObject({ action: z.string().min(1).max(40), title: z.string().min(1).max(80) })

export const ToWindow = z.discriminatedUnion('kind', [
  /** The window before all others: somebody has answered a notification of it. */
  z.strictObject({ kind: z.literal('comeForward') }),
  /** Whether the desktop shows notifications at all. */
  z.strictObject({ kind: z.literal('mayNotify') }),
  /** The same tag takes the place of what was shown before. */
  z.strictObject({ kind: z.literal('notify'), tag: Tag, title: z.string().max(300), body: z.string().max(2_000), actions: z.array(Action).max(2), isUrgent: z.boolean() }),
  z.strictObject({ kind: z.literal('withdraw'), tag: Tag }),
  /** Into the clipboard, and out of it again after a while if it is still there. */
  z.strictObject({ kind: z.literal('copy'), text: z.string().min(1).max(100_000) }),
])
export type ToWindow = z.infer<typeof ToWindow>

export type FromWindow =
  | { readonly kind: 'mayNotify'; readonly isSupported: boolean }
  /** Null where the notification itself was pressed, and none of its buttons. */
  | { readonly kind: 'answered'; readonly tag: string; readonly action: string | null }
  | { readonly kind: 'copied'; readonly isDone: boolean }
