/** What a colour says; a word or a sign always says it too. */
export type Tone = 'good' | 'info' | 'caution' | 'bad' | 'calm'

/** Whole class names, so that Tailwind finds them. */
export const TONE_TEXT: Record<Tone, string> = {
  good: 'text-good',
  info: 'text-info',
  caution: 'text-caution',
  bad: 'text-bad',
  calm: 'text-calm',
}

export const TONE_DOT: Record<Tone, string> = {
  good: 'bg-good',
  info: 'bg-info',
  caution: 'bg-caution',
  bad: 'bg-bad',
  calm: 'bg-calm',
}

export const TONE_PILL: Record<Tone, string> = {
  good: 'bg-good/12 text-good',
  info: 'bg-info/12 text-info',
  caution: 'bg-caution/12 text-caution',
  bad: 'bg-bad/12 text-bad',
  calm: 'bg-calm/12 text-calm',
}
