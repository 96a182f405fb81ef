import type { Notice } from './notice.ts'

/** An invented notice for specs. */
export function sampleNotice(changes: Partial<Notice> = {}): Notice {
  return {
    id: 1,
    about: `about ${changes.id ?? 1}`,
    kind: 'safety',
    weight: 'notable',
    tone: 'caution',
    agentId: 'lg-7a3f9c2d',
    title: 'lead_gen_agent.py: 1 private thing was taken out',
    sentence: 'Email.',
    facts: [],
    preview: null,
    lead: null,
    at: 1_000,
    times: 1,
    isRead: false,
    ...changes,
  }
}
